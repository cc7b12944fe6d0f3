"""What readers take along, from a miniature project: complete, the same for the same input, never half-written."""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from pathlib import Path

import pymupdf
import pytest
from bagu import exports, exports_fonts, exports_listing, exports_markup, exports_math
from bagu.cache import Memo
from bagu.cli import main
from bagu.exports_book import alphabetic
from project import BLOCKS, PAGE, Project, after, command, swap, whole

THEME = '<!doctype html><html lang="zh"><title>{{ page.title }}</title><article class="md-content__inner md-typeset">{{ page.content }}</article></html>\n'


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Project:
    """A miniature, built, with a link from one article to another."""
    project = Project.sound(tmp_path_factory.mktemp("small") / "project")
    project.edit(whole("theme/main.html", THEME))
    outcome = project.build()
    assert outcome.code == 0, outcome.text
    return project


@pytest.fixture
def project(built, tmp_path) -> Project:
    return built.copy(tmp_path / "project")


def export(project: Project, kind: str, *options: str) -> tuple[int, str]:
    """``bagu export`` there: (exit code, what it prints)."""
    outcome = project.run(kind, *options, command="export")
    return outcome.code, outcome.text


def pages(pdf: Path) -> dict[str, str]:
    """{page label: text} of a PDF; pages without a number are joined under their labels."""
    found: dict[str, str] = {}
    for page in pymupdf.open(pdf):
        found[page.get_label()] = found.get(page.get_label(), "") + page.get_text()
    return found


def test_the_same_input_gives_the_same_bytes_and_a_second_export_does_nothing(project):
    first = {}
    for kind, known in exports.KINDS.items():
        code, said = export(project, kind)
        assert code == 0, said
        first[kind] = project.path(f"dist/{known.file}").read_bytes()
    listed = json.loads(project.read("dist/exports.json"))
    for kind, known in exports.KINDS.items():
        code, said = export(project, kind)
        assert (code, "nothing has changed" in said) == (0, True)
        entry = listed[known.file]
        assert (entry["kind"], entry["bytes"]) == (kind, len(first[kind]))
    shutil.rmtree(project.path("dist"))
    shutil.rmtree(project.path(".cache/bagu/book"))
    for kind, known in exports.KINDS.items():
        assert export(project, kind)[0] == 0
        assert project.path(f"dist/{known.file}").read_bytes() == first[kind], kind


def test_a_change_to_one_article_changes_the_text_of_its_pages_only(project):
    assert export(project, "book")[0] == 0
    before = pages(project.path("dist/bagu-lab.pdf"))
    longer = "整列也行。" + "块可以和整列一样长，那就没有分块。" * 120  # more pages than before
    project.edit(swap(PAGE, "整列也行。", longer))
    assert project.build().code == 0
    assert export(project, "book")[0] == 0
    after = pages(project.path("dist/bagu-lab.pdf"))
    changed = {label for label in before.keys() | after.keys() if before.get(label) != after.get(label)}
    assert changed and all(label.startswith("1-") for label in changed)
    assert len(after) > len(before)


def test_a_chapter_that_has_not_changed_is_not_made_again_in_another_process(project):
    """Where sets come in another order."""

    def kept(seed: str) -> set[str]:
        shutil.rmtree(project.path("dist"), ignore_errors=True)
        done = command(project.root, "bagu", "export", "book", PYTHONHASHSEED=seed)
        assert done.code == 0, done.text
        return {file.name for file in project.path(".cache/bagu/book").glob("*.chapter")}

    first = kept("1")
    assert len(first) == 2 and kept("2") == first
    project.edit(swap(PAGE, "整列也行。", "整列也可以。"))
    assert project.build().code == 0
    assert len(kept("3") - first) == 1


def test_part_of_the_articles_can_be_chosen(project):
    code, said = export(project, "book", "--article", "order-of-sums", "-o", "part.pdf")
    assert code == 0, said
    text = "".join(pages(project.path("part.pdf")).values())
    assert "求和的次序重要吗" in text and "分块求和就是把" not in text
    assert export(project, "book", "--folder", "transformer", "-o", "all.pdf")[0] == 0
    assert "分块求和就是把" in "".join(pages(project.path("all.pdf")).values())


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("book", "--article", "no-such"), 1, "there is no written article `no-such`"),
        (("book", "--folder", "nowhere"), 1, "no written article stands in the folder `nowhere`"),
        (("book", "--site", "nowhere"), 1, "there is no built site; `make site` builds it"),
        (("zip", "--article", "block-sum"), 2, "don't apply to zip"),
        (("scroll",), 2, "invalid choice"),
    ],
)
def test_a_wrong_order_is_refused_with_what_to_do(project, options, code, said):
    assert (got := export(project, *options))[0] == code, got
    assert said in got[1]
    assert not project.path("dist").exists()


def test_without_a_chinese_font_it_says_what_to_install_and_leaves_the_last_book_alone(project, monkeypatch):
    assert export(project, "book")[0] == 0
    last = project.path("dist/bagu-lab.pdf").read_bytes()
    monkeypatch.setattr(exports_fonts, "_FOLDERS", ())
    monkeypatch.setattr(exports_fonts, "_listed", list)
    monkeypatch.setitem(sys.modules, "mplfonts", None)
    monkeypatch.setattr(exports_fonts.importlib.util, "find_spec", lambda name: None)
    project.edit(swap(PAGE, "整列也行。", "整列也可以。"))
    assert project.build().code == 0
    code, said = export(project, "book")
    assert code == 1
    assert "no font has Noto Serif CJK SC" in said and "apt install fonts-noto-cjk" in said
    assert project.path("dist/bagu-lab.pdf").read_bytes() == last
    assert sorted(path.name for path in project.path("dist").iterdir()) == ["bagu-lab.pdf", "exports.json"]


def test_an_element_that_the_book_has_no_form_for_is_an_error(project):
    project.edit(swap(PAGE, "整列也行。", "整列<mark>也</mark>行。"))
    assert project.build().code == 0
    code, said = export(project, "book")
    assert code == 1 and "docs/transformer/block-sum.md: the book has no form for <mark>" in said
    assert not project.path("dist").exists()


@pytest.mark.parametrize("lost", ["formula", "figure"])
def test_a_formula_or_a_figure_that_is_lost_on_the_way_is_an_error(project, monkeypatch, lost):
    tables = exports_markup._BY_TAG if lost == "formula" else exports_markup._BY_CLASS
    monkeypatch.setitem(tables, "math" if lost == "formula" else "bagu-figure", exports_markup._Writer.nothing)
    code, said = export(project, "book")
    assert code == 1 and f"1 of {lost}, the book 0" in said


def test_a_formula_that_pandoc_cannot_read_is_an_error_at_its_page():
    with pytest.raises(exports.BaguError, match=r"docs/a\.md: pandoc can't put this formula on paper"):
        exports_math.typst([((r"\nosuchcommand x", False), "docs/a.md")], Memo(Path("nowhere.json"), ""))


@pytest.mark.parametrize(
    ("tex", "typst"),
    [
        (r"\operatorname{softmax}(S)", 'op("softmax")'),
        (r"\operatorname*{argmax}_x f", 'op("argmax", limits: #true)_x'),
        (r"a\odot b", "a dot.o b"),
        (r"A\cap B", "A inter B"),
        (r"f\!\big(x\big)", r'f #h(-0.1667em) class("opening", lr(size: #1.2em, \())'),
        (r"\Big\lceil\frac{M}{4d}\Big\rceil", 'class("opening", lr(size: #1.8em, ceil.l))'),
        (r"\lvert w\rvert^2", 'class("opening", bar.v) w class("closing", bar.v)^2'),
        (r"\tfrac12", "tfrac(1, 2)"),
        (r"\dfrac{n}{p}", "dfrac(n, p)"),
        (r"\begin{aligned}a&=b,&c&=d\end{aligned}", "quad & c"),
        (r"\begin{cases}a&b\\c&d\end{cases}", "a quad & b"),
        (r"\text{dot.circle}\odot", 'upright("dot.circle")'),
    ],
)
def test_what_pandoc_gets_wrong_in_formulas_is_put_right(tex, typst):
    found = exports_math.typst([((tex, False), "docs/a.md")], Memo(Path("nowhere.json"), ""))
    assert typst in found[tex, False]


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ("short", ["short"]),
        ("x = call(alpha, beta, gamma)", ["x = call(alpha, ", "    beta, gamma)"]),
        ("    return one_long_name", ["    return ", "        one_long_nam", "        e"]),
        ("中文注释也按两列宽计算来折行", ["中文注释也按两列宽计", "    算来折行"]),
    ],
)
def test_a_long_line_is_wrapped_under_itself_and_never_cut(line, rows):
    wrapped = exports_listing.wrap([("", line)], 20)
    assert ["".join(text for _, text in row) for row in wrapped] == rows
    assert all(exports_listing.columns(row) <= 20 for row in rows)


@pytest.mark.parametrize(
    ("columns", "marks"),
    [
        (exports_markup.COLUMNS, 0),
        (exports_markup.COLUMNS + 3, 1),  # in the excerpt; the whole program has smaller type
        (exports_markup.SMALL_COLUMNS, 1),
        (exports_markup.SMALL_COLUMNS + 3, 2),
    ],
)
def test_a_line_as_wide_as_a_listing_stands_in_one_row_and_a_wider_one_is_marked(project, columns, marks):
    comment = "    # " + " ".join(["ab"] * ((columns - 5) // 3))
    assert len(comment) in (columns, columns - 1, columns - 2)
    project.edit(after(BLOCKS, "def merged(numbers, size):", comment))
    assert project.build().code == 0
    assert export(project, "book", "--article", "block-sum")[0] == 0
    shown = []
    for page in pymupdf.open(project.path("dist/bagu-lab.pdf")):
        rows = {}
        for block in page.get_text("dict")["blocks"]:
            for line in block.get("lines", []):
                rows.setdefault(round(line["bbox"][3]), []).append("".join(span["text"] for span in line["spans"]))
        shown += ["".join(row) for row in rows.values() if "ab" in "".join(row).split()]
    assert len(shown) == 2 + marks  # in the excerpt and in the whole program
    assert sum("↪" in row for row in shown) == marks


def test_a_line_of_a_listing_keeps_its_text_and_an_f_string_is_one_string():
    source = """<span class="bagu-l" id="a-L7" data-l="7">    <span class="k">if</span> a &lt; <span class="mi">3</span>:</span>
<span class="bagu-l" id="a-L8" data-l="8"></span>
<span class="bagu-l" id="a-L9" data-l="9"><span class="sa">f</span><span class="s2">"</span><span class="si">{</span>n<span class="si">}</span><span class="s2"> in"</span>, n</span>
"""
    assert exports_listing.lines(source) == [
        ("7", [("", "    "), ("k", "if"), ("", " a < 3:")]), ("8", []), ("9", [("s", 'f"{n} in"'), ("", ", n")])
    ]  # fmt: skip


def test_words_of_a_figure_are_set_where_the_figure_had_them():
    svg = (
        '<svg viewBox="10 0 200 100"><text style="font-size: 11px; font-family: A; text-anchor: middle" x="60" y="20" '
        'transform="rotate(-90 60 20)">a &lt; b</text><g transform="translate(5 6)"><text>\n <tspan x="1" y="2" style='
        '"font-size: 7px; font-family: A">k</tspan></text></g><text x="1" y="2">of another hand</text></svg>'
    )
    kept, units, labels = exports_markup.labelled(svg)
    assert kept == '<svg viewBox="10 0 200 100"><text x="1" y="2">of another hand</text></svg>'
    assert (units, labels) == (
        200, ['(50, 20, 11, center, -90deg, "#000", "a < b")', '(-4, 8, 7, start, 0deg, "#000", "k")']
    )  # fmt: skip


def test_terms_are_in_the_order_of_a_dictionary():
    assert sorted(["梯度", "softmax", "注意力", "Adam", "层归一化"], key=alphabetic) == [
        "Adam", "softmax", "层归一化", "梯度", "注意力"
    ]  # fmt: skip


def test_the_text_has_the_output_and_the_list_says_what_there_is(project):
    assert export(project, "text")[0] == 0
    with zipfile.ZipFile(project.path("dist/bagu-lab-text.zip")) as archive:
        names = archive.namelist()
        text = archive.read("bagu-lab/transformer/block-sum.md").decode()
        listed = archive.read("bagu-lab/llms.txt").decode()
    assert names == ["bagu-lab/llms.txt", "bagu-lab/transformer/block-sum.md", "bagu-lab/transformer/order-of-sums.md"]
    assert "total: 28\nmean: 4.000" in text and "$a+b=b+a$" in text and "def merged(numbers, size):" in text
    assert "](order-of-sums.md)" in text and "<span" not in text and "<div" not in text
    assert listed.startswith("# ") and "\n> " in listed
    assert "- [求和可以分块吗？](transformer/block-sum.md): 可以。" in listed


def test_the_notebooks_are_all_there(project):
    assert export(project, "notebooks")[0] == 0
    with zipfile.ZipFile(project.path("dist/bagu-lab-notebooks.zip")) as archive:
        names = [name for name in archive.namelist() if name.endswith(".ipynb")]
        cells = json.loads(archive.read(names[0]))["cells"]
    assert [name.rpartition("/")[2] for name in names] == ["blocks.ipynb", "not_lost.ipynb", "sketch.ipynb"]
    assert cells


def test_the_epub_has_chapters_formulas_and_figures(project):
    assert export(project, "epub")[0] == 0
    with zipfile.ZipFile(project.path("dist/bagu-lab.epub")) as book:
        pages = {name: book.read(name).decode() for name in book.namelist() if name.endswith(".xhtml")}
        names = book.namelist()
    text = "".join(pages.values())
    assert "求和可以分块吗" in text and "求和的次序重要吗" in text and "total: 28" in text
    assert "<math" in text and "$a+b" not in text
    assert any(name.endswith(".svg") for name in names)


def test_the_download_page_says_what_is_there_and_what_is_not(project):
    project.write("docs/download.md", "---\ntitle: 带走\n---\n\n# 带走\n\n<!-- bagu:downloads -->\n")
    assert export(project, "notebooks")[0] == 0
    assert project.build().code == 0
    page = project.site()["download.html"].decode()
    size = project.path("dist/bagu-lab-notebooks.zip").stat().st_size
    assert f"<td>{size / 1e3:.0f} kB</td>" in page
    assert "bagu export book" in page and "bagu export notebooks" not in page
    assert "releases/latest" not in page
    address = "https://git.example/lab"
    project.write("mkdocs.yml", project.read("mkdocs.yml") + f'extra:\n  repo: "{address}/"\n')
    assert project.build().code == 0
    page = project.site()["download.html"].decode()
    assert f'href="{address}/releases/latest/download/bagu-lab-notebooks.zip"' in page


def test_the_command_is_told_by_help(capsys):
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    said = capsys.readouterr().out
    assert all(f"{kind}: " in said for kind in exports.KINDS)
