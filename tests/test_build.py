"""A build remembers what it converted, and looks at every address in the pages that it made."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import markdown
import material
import pytest
from bagu.build import Build
from bagu.links import Addresses
from bagu.render import stylesheet
from bagu.search import Index
from project import BIB, BLOCKS, FOLDER, MAP, OTHER, PAGE, TERMS, Edit, Project, after, environment, swap, whole

TITLES = ("首页", "勘误", "求和可以分块吗？", "求和的次序重要吗？")


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Project:
    project = Project.sound(tmp_path_factory.mktemp("sound") / "project")
    outcome = project.build()
    assert outcome.code == 0, outcome.text
    return project


@pytest.fixture
def project(sound, tmp_path) -> Project:
    return sound.copy(tmp_path / "project")


@pytest.fixture
def converted(monkeypatch) -> list[str]:
    """What Markdown is given, page by page, from now on."""
    seen: list[str] = []
    convert = markdown.Markdown.convert

    def spy(self: markdown.Markdown, source: str) -> str:
        seen.append(source)
        return convert(self, source)

    monkeypatch.setattr(markdown.Markdown, "convert", spy)
    return seen


def pages(project: Project) -> dict[str, str]:
    return {name: content.decode() for name, content in project.site().items() if name.endswith(".html")}


# --- What nothing changed in isn't converted again -------------------------------------------------------------------


def test_a_second_build_converts_nothing_and_makes_the_same_pages(project, converted):
    before = pages(project)
    assert project.build().code == 0
    assert len(converted) == len(TITLES) and not any(converted)
    assert pages(project) == before


CHANGES: dict[str, tuple[list[Edit], set[str]]] = {
    # what changes: (edits, the pages that are converted again)
    "the text of a page": ([swap(PAGE, "名称之争不由执行判定。", "别的话。")], {"block-sum"}),
    "an option of a block": ([swap(PAGE, "分块会丢掉最后一块", "分块会丢掉第一块")], {"block-sum", "errata"}),
    "a concept that a page names": ([swap(TERMS, "一段连续元素之和。", "一段之和。")], {"block-sum"}),
    "a concept that no page names": ([swap(TERMS, "浮点加法不满足结合律。", "另一句。")], set()),
    "a cited work": ([swap(BIB, "title = {Sums}", "title = {Other Sums}")], {"block-sum"}),
    "the title of a planned question": ([swap(MAP, "还没有写的题？", "还没写的题？")], {"block-sum", "index"}),
    "a label's line": ([after(BLOCKS, "total = merged(numbers, 2)", "# one line more")], set()),
    "the configuration": (
        [whole("mkdocs.yml", None)],  # replaced in the test: its content names this machine's folders
        {"index", "errata", "block-sum", "order-of-sums"},
    ),
}


@pytest.mark.parametrize(("edits", "again"), CHANGES.values(), ids=CHANGES.keys())
def test_what_changed_is_converted_again_and_nothing_else(edits, again, project, tmp_path, converted):
    if edits[0].new is None:
        edits = [whole("mkdocs.yml", project.read("mkdocs.yml") + "\n# changed\n")]
    project.edit(*edits)
    assert project.build().code == 0
    assert len([source for source in converted if source]) == len(again)
    remembered = pages(project)
    fresh = project.copy(tmp_path / "fresh")
    fresh.path(".cache/bagu/pages.json").unlink()
    converted.clear()
    assert fresh.build().code == 0 and all(converted)
    assert pages(fresh) == remembered, "a build that remembers makes what a build that doesn't makes"


def test_a_page_of_a_red_build_is_not_remembered(project, converted):
    project.edit(swap(PAGE, "名称之争不由执行判定。", "名称[之争](nothing.md)。"))
    for _ in range(2):
        outcome = project.build()
        assert outcome.code == 1 and "nothing.md" in outcome.text and any("之争" in source for source in converted)
        converted.clear()


def test_a_page_that_was_written_before_its_results_is_the_page_written_after(project, monkeypatch):
    late, close = [], Build.close

    def spy(self: Build, site: Path) -> None:
        late.append(len(self._late))
        close(self, site)

    monkeypatch.setattr(Build, "close", spy)
    project.edit(after(BLOCKS, "total = merged(numbers, 2)", "import time\ntime.sleep(1.5)"))
    assert project.build().code == 0
    before = pages(project)
    assert project.build().code == 0
    assert late == [len(TITLES), 0] and pages(project) == before


def test_a_red_result_that_comes_after_the_pages_leaves_the_last_good_site(project):
    good = project.site()
    project.edit(after(BLOCKS, "total = merged(numbers, 2)", "import time\ntime.sleep(1.5)\ntotal += 1"))
    outcome = project.build()
    assert outcome.code == 1 and "blocks-exact" in outcome.text
    assert project.site() == good and not project.path("site.partial").exists()


PLAIN = f"{FOLDER}/plain.py"  # of the other article alone, which imports nothing and has ended long before
OWN = [
    after(BLOCKS, "total = merged(numbers, 2)", "import time\ntime.sleep(1.5)"),
    whole(PLAIN, '"""A sum."""\ntotal = sum([1, 2, 3])\nprint(f"plain-total: {total}")\nassert total == int("6"), f"plain-total: {total}"\n'),
    whole(PLAIN.replace(".py", ".out"), "plain-total: 6\n"),
    swap(OTHER, "transformer/block-sum/blocks.py", "transformer/block-sum/plain.py"),
    swap(OTHER, '/// proof | transformer/block-sum/sketch.py\n    alt: "一条斜线"\n\n次序也可以画成线。\n///\n\n', ""),
    swap(OTHER, "[总和](proof:blocks-exact)、[均值](proof:blocks.mean)、[图上的点数](proof:sketch.two-points)", "[总和](proof:plain-total)"),
]  # fmt: skip


def test_an_article_whose_programs_have_passed_is_filled_while_others_run(project, monkeypatch):
    filled, fill = [], Build._fill_file

    def spy(self: Build, site: Path, src: str, url: str) -> None:
        filled.append((f"docs/{src}", self._pending.running()))
        fill(self, site, src, url)

    monkeypatch.setattr(Build, "_fill_file", spy)
    project.edit(*OWN)
    outcome = project.build()
    assert outcome.code == 0, outcome.text
    before = pages(project)
    assert filled[0] == (OTHER, True) and (PAGE, False) in filled and len(filled) == len(TITLES)
    assert project.build().code == 0
    assert pages(project) == before and len(filled) == len(TITLES)


def test_the_search_index_is_made_while_programs_run(project, monkeypatch):
    made, script = [], Index._script

    def spy(self: Index, sources: list) -> str:
        made.append("index")
        return script(self, sources)

    def close(self: Build, site: Path) -> None:
        monkeypatch.setattr(self, "_fill_passed", lambda site: made.append(self._pending.running() and "running"))
        done(self, site)

    done = Build.close
    monkeypatch.setattr(Index, "_script", spy)
    monkeypatch.setattr(Build, "close", close)
    project.edit(*OWN)
    assert project.build().code == 0
    assert made == ["index", "running"]
    before = project.read("site/search/index.js")
    made.clear()
    project.path(".cache/bagu/search.js").unlink()
    assert project.build().code == 0
    assert made == ["index"] and project.read("site/search/index.js") == before


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (swap(PLAIN, "[1, 2, 3]", "[1, 2, 4]"), "plain-total: 7"),
        (whole("theme/main.html", '<a href="proof:total">x</a>{{ page.content }}'), "the address proof:total is left"),
    ],
    ids=["its program", "an address"],
)
def test_such_an_article_that_is_red_is_told_with_all_else_that_is(edit, said, project):
    good = project.site()
    project.edit(*OWN, edit, swap(BLOCKS, "time.sleep(1.5)", "time.sleep(1.5)\ntotal += 1"))
    outcome = project.build()
    assert outcome.code == 1 and "blocks-exact" in outcome.text
    assert (said in outcome.text) == (edit.file == PLAIN)  # addresses are looked at where all else is green
    assert project.site() == good and not project.path("site.partial").exists()


@pytest.mark.parametrize("damage", ["", "x", "[]", '{"salt": 1}', '{"salt": "", "values": []}'])
def test_a_damaged_memory_is_none(damage, project, converted):
    before = pages(project)
    project.write(".cache/bagu/pages.json", damage)
    assert project.build().code == 0 and all(converted) and pages(project) == before


# --- Every address leads somewhere -----------------------------------------------------------------------------------

DEAD = {
    # written in the page: (what the message says, the reason)
    '<a href="nope.html">x</a>': ("nope.html", "there is no file `transformer/nope.html`"),
    "[x](order-of-sums.md#nope)": ("order-of-sums.html#nope", "`transformer/order-of-sums.html` has no anchor `nope`"),
    "[x](#nope)": ("#nope", "`transformer/block-sum.html` has no anchor `nope`"),
    "![x](a/b.svg)": ("a/b.svg", "there is no file `transformer/a/b.svg`"),
    "<a href='../errata.html#nix'>x</a>": ("../errata.html#nix", "`errata.html` has no anchor `nix`"),
    "[x](/errata.html)": ("/errata.html", "an absolute address breaks"),
    "[x](../../errata.html)": ("../../errata.html", "there is no file `../errata.html`"),
}
ALIVE = [
    "[x](order-of-sums.md)",
    "[x](order-of-sums.md#一句话)",
    "[x](#追问)",
    '<a href="../index.html?q=1#bagu">x</a>'.replace("#bagu", ""),
    '<a href="block-sum.html#refute-not_lost">x</a>',
    '<a href="../snippets/transformer/block-sum/blocks.py">x</a>',
    '<a href="mailto:a@example.org">x</a> <a href="https://example.org/nope">y</a> <a href="data:,x">z</a>',
    "`[x](nope.md)`",
]
SPOT = "名称之争不由执行判定。"


@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict"])
@pytest.mark.parametrize(("written", "said"), DEAD.items(), ids=DEAD.keys())
def test_a_dead_address_turns_the_build_red_at_its_line(written, said, strict, project):
    good = project.site()
    project.edit(swap(PAGE, SPOT, SPOT + written))
    outcome = project.build(strict)
    address, reason = said
    where = f"{PAGE}:{project.line(PAGE, written)}: the page leads to {address}: {reason}"
    assert outcome.code == 1 and where in outcome.text, outcome.text
    assert project.site() == good and not project.path("site.partial").exists()


@pytest.mark.parametrize("written", ALIVE)
def test_an_address_that_leads_somewhere_is_green(written, project):
    project.edit(swap(PAGE, SPOT, SPOT + written))
    outcome = project.build(strict=True)
    assert outcome.code == 0, outcome.text


def test_an_address_in_the_shell_of_a_page_is_looked_at_too(project):
    project.edit(swap("theme/main.html", "{{ page.content }}", '<link href="lost.css">{{ page.content }}'))
    outcome = project.build()
    assert outcome.code == 1 and "docs/transformer/block-sum.md: the page leads to lost.css" in outcome.text


def test_addresses_are_read_as_a_browser_reads_them(tmp_path: Path):
    (tmp_path / "a b.txt").write_text("")
    addresses = Addresses()
    text = (
        '<p id="x&amp;y"></p><a href="#x&amp;y"></a><a href="a%20b.txt"></a><a href="#%E4%B8%80"></a><i name="一"></i>'
    )
    addresses.read("index.html", text + '<pre>&lt;a href="nope"&gt;</pre>'.replace('"', "&quot;"))
    assert addresses.dead(tmp_path) == []
    addresses.read("sub/page.html", '<a href="../"></a><a href="./#gone"></a>')
    assert [dead.address for dead in addresses.dead(tmp_path)] == ["./#gone"]


def test_the_attribute_pattern_ignores_what_only_looks_like_one():
    addresses = Addresses()
    addresses.read("index.html", '<p data-href="nope" xid="a"></p>')
    assert addresses.leads == {"index.html": set()} and addresses.anchors == {"index.html": set()}


# --- One style sheet -------------------------------------------------------------------------------------------------


def test_joined_style_sheets_keep_their_order_and_their_addresses():
    sheets = {
        "assets/a/one.css": '@charset "UTF-8";p{background:url(dot.svg)}i{background:url("../b/x.png")}\n/*# sourceMappingURL=one.css.map */',
        "two.css": "p{background:url(data:image/svg+xml;x)}b{background:url('#f')}u{background:url(https://example.org/x)}",
    }
    joined = stylesheet(sheets, "assets/site.css")
    assert joined == (
        '@charset "UTF-8";\np{background:url(a/dot.svg)}i{background:url("b/x.png")}\n'
        "p{background:url(data:image/svg+xml;x)}b{background:url('#f')}u{background:url(https://example.org/x)}\n"
    )


def test_the_theme_links_the_two_sheets_that_we_join_and_no_other():
    base = (Path(material.__file__).parent / "templates" / "base.html").read_text("utf-8")
    block = base.split("{% block styles %}")[1].split("{% endblock %}")[0]
    names = re.findall(r"'assets/stylesheets/([\w.]+)' \| url", base)
    assert [name.split(".")[0] for name in names] == ["main", "palette"]
    assert all(name in block and re.fullmatch(r"\w+\.\w+\.min\.css", name) for name in names)


# --- Any text is read in a moment ------------------------------------------------------------------------------------

HEAVY = {
    "an open bracket before formulas": r"区间 $[0,\alpha\beta\gamma)$" + r"，$\alpha\beta\gamma\delta$" * 20 + "。",
    "brackets in brackets": "[a [b " * 40,
    "half a citation": "[@a" * 40,
    "half a link": "[a](proof:" * 40,
}


@pytest.mark.parametrize("text", HEAVY.values(), ids=HEAVY.keys())
def test_no_text_takes_long_to_read(text, project):
    project.edit(swap(PAGE, SPOT, SPOT + "\n\n" + text))
    file = project.path(PAGE)
    code = "import sys, pathlib; from bagu import article, project; p = project.Project(pathlib.Path(sys.argv[1])); article.parse(p, pathlib.Path(sys.argv[2]))"
    # Backtracking that doubles with each character never ends; what is sound takes milliseconds.
    done = subprocess.run(
        [sys.executable, "-c", code, str(project.root), str(file)], env=environment(), timeout=20, check=False
    )
    assert done.returncode == 0
