"""The built site, in a real browser: what a reader sees, clicks, copies and takes along."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from bagu.corpus import formulas_of
from bagu.notebook import published
from conftest import ARTICLE, ROOT, mkdocs

LAB = "labs/attention.html"
PAGES = ("index.html", "questions.html", "errata.html", "sources.html", "contributing.html", LAB, ARTICLE)


def test_one_style_sheet_stands_before_the_first_paint(open_page):
    for path in PAGES:
        page = open_page(path)
        sheets = page.evaluate(
            "[...document.querySelectorAll('link[rel=stylesheet]')].map(link => link.getAttribute('href'))"
        )
        assert [sheet.rpartition("/")[2] for sheet in sheets] == ["site.css"]
        assert page.evaluate("getComputedStyle(document.querySelector('.md-header')).position") == "sticky"


BESIDE = """() => {
  const boxes = [...document.querySelectorAll('.bagu-unbroken')].filter(e => e.getClientRects().length);
  const parts = e => [...e.querySelectorAll('.katex-html > .katex-base')].map(b => b.getBoundingClientRect());
  const side = (node, at) => { const range = document.createRange(); range.setStart(node, at); range.setEnd(node, at + 1); return range.getBoundingClientRect(); };
  return {
    marks: boxes.length,
    split: boxes.filter(e => parts(e).length > 1 && parts(e)[0].right > parts(e).at(-1).left + 1).length,
    alone: boxes.filter(e => {
      const last = e.lastChild, first = e.firstChild;
      return last.nodeType === 3 && side(last, 0).left < parts(e).at(-1).right - 4
        || first.nodeType === 3 && side(first, first.length - 1).right > parts(e)[0].left + 4;
    }).map(e => e.textContent),
  };
}"""


def test_no_line_begins_with_the_mark_after_a_formula(open_page):
    """Nor ends with the one before it, at any width; a long formula can still be broken between its parts."""
    found = {"marks": 0, "split": 0}
    for width in range(330, 430, 10):
        page = open_page("transformer/attention-formula.html", width=width)
        lay_out(page)
        seen = page.evaluate(BESIDE)
        assert seen["alone"] == [], width
        found = {key: count + seen[key] for key, count in found.items()}
    assert found["marks"] > 300 and found["split"] > 0, found


def test_the_page_stands_still_when_the_theme_s_script_starts(chromium, address):
    """It starts when the page is being read, so nothing that it hides, shows or wraps may move what is read."""
    for path in (ARTICLE, "questions.html"):
        for width in (360, 1280):
            context = chromium.new_context(viewport={"width": width, "height": 900})
            page = context.new_page()
            page.goto(f"{address}/{path}")
            page.wait_for_load_state("networkidle")
            page.evaluate("""window.moved = 0;
                new PerformanceObserver(list => list.getEntries().forEach(e => moved += e.hadRecentInput ? 1 : e.value)).observe({type: 'layout-shift'});""")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate("window.component$") is None
            page.evaluate("dispatchEvent(new Event('wheel'))")  # a key would excuse whatever moves after it
            page.wait_for_function("window.component$")
            page.wait_for_timeout(500)
            assert page.evaluate("moved") < 0.001, (path, width)
            context.close()


FIRST = {
    "a movement of the mouse": lambda page: page.mouse.move(300, 300),
    "a turn of its wheel": lambda page: page.mouse.wheel(0, 300),
    "a finger": lambda page: page.touchscreen.tap(300, 500),
    "a key": lambda page: page.keyboard.press("Tab"),
    "going to a heading": lambda page: page.evaluate("location.hash = document.querySelector('h3[id]').id"),
}


@pytest.mark.parametrize("sign", FIRST)
def test_the_theme_s_script_starts_when_the_reader_does(chromium, address, sign):
    context = chromium.new_context(has_touch=True)
    page = context.new_page()
    scripts = []
    page.on("request", lambda request: scripts.append(request.url) if request.resource_type == "script" else None)
    page.goto(f"{address}/{ARTICLE}")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.component$") is None
    FIRST[sign](page)
    page.wait_for_function("window.component$")
    assert sum("/bundle." in url for url in scripts) == 1
    context.close()


def test_what_is_pressed_before_the_theme_has_started_counts(chromium, address):
    """The key that opens the search box and the button of the colours, while the script is on its way."""
    for press, done in (
        (lambda page: page.keyboard.press("/"), "document.activeElement.matches('.md-search__input')"),
        (
            lambda page: page.locator("label[for=__palette_1]").click(),
            "document.body.dataset.mdColorScheme === 'slate'",
        ),
    ):
        page = chromium.new_page(color_scheme="light")
        held = []
        page.route("**/bundle.*", functools.partial(lambda held, route: held.append(route), held))
        page.goto(f"{address}/{ARTICLE}")
        with page.expect_request(lambda r: "/bundle." in r.url and r.resource_type == "script"):
            press(page)
        page.wait_for_timeout(200)
        for route in held:
            route.continue_()
        page.wait_for_function(done)
        page.close()


def test_the_first_paint_has_the_colours_of_the_reader_s_system(chromium, address):
    for scheme, name, other in (("light", "default", "切换到深色"), ("dark", "slate", "切换到浅色")):
        context = chromium.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(f"{address}/{ARTICLE}")
        seen = "[document.body.dataset.mdColorScheme, [...document.querySelectorAll('form[data-md-component=palette] label')].filter(l => l.checkVisibility()).map(l => l.title)]"
        assert page.evaluate("window.component$") is None
        assert page.evaluate(seen) == [name, [other]]
        page.locator(f"label[title={other}]").click()  # the choice is kept, and shown by the next page as early
        page.wait_for_function(f"document.body.dataset.mdColorScheme !== '{name}'")
        page.goto(f"{address}/index.html")
        chosen = page.evaluate(seen)
        assert page.evaluate("window.component$") is None
        assert chosen[0] != name and chosen[1] == [{"切换到深色": "切换到浅色", "切换到浅色": "切换到深色"}[other]]
        context.close()


def test_an_article_prints_on_at_most_three_sheets(open_page, site):
    articles = [
        path.relative_to(site).as_posix() for path in sorted(site.glob("*/*.html")) if path.parent.name != "labs"
    ]
    assert ARTICLE in articles
    for article in articles:
        page = open_page(article)
        pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
        assert 1 <= pages <= 6, f"{article} takes {pages} pages, printed on both sides"
        page.emulate_media(media="print")
        assert page.evaluate(
            """() => ['.bagu-claim', '.bagu-wrong', '.bagu-right', '.bagu-answer', '.bagu-references'].every(
              (name) => [...document.querySelectorAll(name)].every((box) => box.getBoundingClientRect().height > 0))"""
        ), f"{article}: something that belongs on paper doesn't show"
        assert page.evaluate(
            "[...document.querySelectorAll('.bagu-code')].every((box) => !box.getClientRects().length)"
        )


def lay_out(page) -> None:
    """Lay out what is outside the window too, and open what is folded."""
    page.add_style_tag(content="* { content-visibility: visible !important }")
    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    page.wait_for_timeout(500)  # the theme fades colours


def all_articles() -> list[str]:
    return sorted(f"{path.parent.name}/{path.stem}.html" for path in (ROOT / "docs").glob("*/*.md"))


@pytest.mark.parametrize("path", all_articles())
def test_every_article_fits_a_phone_and_every_tick_has_its_line(open_page, path):
    page = open_page(path, width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    dangling = (
        "t => t.map(a => a.hash).filter(h => !document.getElementById(h.slice(1))?.textContent.includes('assert'))"
    )
    assert page.eval_on_selector_all("a.bagu-tick", dangling) == []


LOOKS = [(width, dark) for width in (1280, 360) for dark in (False, True)]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_pages_load_cleanly_and_fit_the_window(open_page, path, width, dark):
    page = open_page(path, width=width, dark=dark)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1
    scheme = page.evaluate("document.body.dataset.mdColorScheme")
    assert scheme == ("slate" if dark else "default")


@pytest.mark.parametrize("path", PAGES)
def test_pages_work_from_the_file_system(open_page, site, path):
    page = open_page(path, base=site.as_uri())
    assert page.locator("h1").is_visible()


def test_formulas_are_rendered_without_script(open_page, corpus):
    page = open_page()
    article = corpus.articles["flash-attention"]
    written = formulas_of(article)
    assert page.locator(".md-content .katex").count() == len(written)
    assert page.locator(".katex-error").count() == 0
    shown = page.locator(".md-content").inner_text()
    assert "\\(" not in shown and "$$" not in shown
    kept = page.locator("annotation").all_text_contents()
    assert sorted(kept) == sorted(formula.tex for formula in written)
    fonts = page.evaluate("document.fonts.ready.then(f => [...f].filter(x => x.status == 'loaded').map(x => x.family))")
    assert any("KaTeX" in family for family in fonts)


def test_every_tick_leads_to_the_line_of_its_assertion(open_page, corpus):
    page = open_page()
    wrong = page.evaluate(
        """() => [...document.querySelectorAll('a.bagu-tick')].flatMap(tick => {
            const line = document.getElementById(tick.hash.slice(1));
            const label = tick.getAttribute('aria-label').split(' ').pop();
            return line && line.textContent.includes('assert') ? [] : [tick.hash + ' ' + label];
        })"""
    )
    assert wrong == []
    links = sum(link.scheme == "proof" for link in corpus.articles["flash-attention"].links)
    assert page.locator("a.bagu-tick").count() == links >= 3


def test_a_tick_lands_on_its_highlighted_line(open_page):
    page = open_page()
    # one whose line is folded away: inside a refutation's program
    tick = page.locator(".bagu-refute a.bagu-tick").first
    target = tick.get_attribute("href")
    line = page.locator(f'[id="{target[1:]}"]')
    assert not line.is_visible()
    tick.focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert line.is_visible()
    box = line.bounding_box()
    assert 48 < box["y"] < 880
    colour = "e => getComputedStyle(e).backgroundColor"
    assert line.evaluate(colour) not in (
        "rgba(0, 0, 0, 0)",
        line.locator("xpath=following-sibling::span[1]").evaluate(colour),
    )


def test_hovering_a_tick_shows_the_assertion_and_what_it_saw(open_page, corpus):
    page = open_page()
    tick = page.locator("a.bagu-tick").first
    tip = page.locator(f'[id="{tick.get_attribute("aria-describedby")}"]')
    assert not tip.is_visible()
    tick.hover()
    tip.wait_for(state="visible")
    assert "assert " in tip.inner_text()
    box = tip.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 1280
    page.mouse.move(5, 500)
    assert not tip.is_visible()


def test_focusing_a_tick_shows_the_assertion_and_escape_hides_it(open_page):
    page = open_page()
    tick = page.locator("a.bagu-tick").nth(1)
    tip = page.locator(f'[id="{tick.get_attribute("aria-describedby")}"]')
    tick.focus()
    assert tip.is_visible()
    page.keyboard.press("Escape")
    assert not tip.is_visible()


def test_tapping_a_tick_shows_the_assertion_first_and_follows_it_next(open_page):
    page = open_page(width=360, touch=True)
    tick = page.locator("a.bagu-tick").first
    tip = page.locator(f'[id="{tick.get_attribute("aria-describedby")}"]')
    tick.scroll_into_view_if_needed()
    page.wait_for_timeout(200)
    tick.tap()
    assert tip.is_visible()
    box = tip.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    assert "#" not in page.url
    tick.tap()
    page.wait_for_timeout(300)
    assert page.url.endswith(tick.get_attribute("href"))


def test_code_is_copied_as_it_was_written(open_page, corpus):
    page = open_page()
    blocks = [block for block in corpus.articles["flash-attention"].blocks if block.name == "proof"]
    for number, block in enumerate(blocks):
        box = page.locator("section.bagu-proof").nth(number)
        box.scroll_into_view_if_needed()
        box.locator(".bagu-copy").first.click()
        box.get_by_text("已复制").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        written = "\n".join(text for _, text in corpus.snippets[block.path].shown(block.region))
        assert copied == written + "\n"


def test_everything_can_be_reached_and_opened_by_keyboard(open_page):
    page = open_page()
    followup = page.locator("details.bagu-followup summary").first
    followup.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.bagu-followup").first.evaluate("e => e.open")
    whole = page.locator("details.bagu-whole summary").first
    whole.focus()
    page.keyboard.press("Space")
    assert page.locator("details.bagu-whole").first.evaluate("e => e.open")
    unreachable = page.evaluate(
        """() => [...document.querySelectorAll('.md-content pre, bagu-math.display')]
            .filter(e => e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0).map(e => e.id || e.className)"""
    )
    assert unreachable == []


CONTRAST = """([selector]) => {
  const rgb = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] > .95) return c; } return [255,255,255,1]; };
  const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  return [...document.querySelectorAll(selector)].filter(e => e.getClientRects().length && e.textContent.trim()).map(e => {
    const style = getComputedStyle(e), ink = rgb(e instanceof SVGElement ? style.fill : style.color), on = ground(e);
    const mixed = ink.slice(0, 3).map((v, i) => v * ink[3] + on[i] * (1 - ink[3]));
    const [a, b] = [light(mixed), light(on)].sort((x, y) => y - x);
    return (a + .05) / (b + .05);
  });
}"""
INKS = [
    ".md-content p", ".bagu-mark", ".bagu-statement p", ".bagu-claim p", ".bagu-key", "a.bagu-tick", ".bagu-cite a",
    ".bagu-stamp", ".bagu-output samp", ".bagu-l span", ".bagu-figure figcaption", ".bagu-figure svg text",
    "details summary", ".bagu-references a", ".bagu-planned small",
]  # fmt: skip


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(open_page, dark):
    page = open_page(dark=dark)
    lay_out(page)
    faint = {}
    for selector in INKS:
        ratios = page.evaluate(CONTRAST, [selector])
        assert ratios, f"nothing matches {selector}"
        if min(ratios) < 4.5:
            faint[selector] = round(min(ratios), 2)
    assert faint == {}


def test_a_refutation_says_what_is_wrong_and_what_is_right(open_page, corpus):
    page = open_page()
    blocks = [b for b in corpus.articles["flash-attention"].blocks if b.name in ("refute", "correct")]
    lay_out(page)
    shown = page.locator("section.bagu-refute, section.bagu-correct")
    assert shown.count() == len(blocks)
    for number in range(len(blocks)):
        wrong = shown.nth(number).locator(".bagu-wrong")
        assert wrong.locator(".bagu-mark").inner_text().startswith("流传的说法")
        assert wrong.evaluate("e => getComputedStyle(e.querySelector('p')).textDecorationLine") == "line-through"
        assert shown.nth(number).locator(".bagu-right .bagu-mark").inner_text() == "正确的说法"


def test_a_stamp_tells_versions_seconds_and_date(open_page, corpus):
    page = open_page()
    lay_out(page)
    stamps = page.locator(".bagu-stamp").all_inner_texts()
    assert len(stamps) == sum(block.runs for block in corpus.articles["flash-attention"].blocks)
    for stamp in stamps:
        assert re.search(r"✓ 通过\s+Python 3\.\d+\.\d+ · (numpy|torch|matplotlib) \d", stamp)
        assert re.search(r"\d\.\d\d s · 20\d\d-\d\d-\d\d$", stamp)


def test_the_last_correction_links_to_its_erratum_and_back(open_page):
    page = open_page()
    page.locator(".bagu-meta a").click()
    page.wait_for_load_state("networkidle")
    target = page.url.partition("#")[2]
    entry = page.locator(f'[id="{target}"]')
    assert entry.is_visible()
    entry.locator(".bagu-where a").click()
    page.wait_for_load_state("networkidle")
    assert ARTICLE in page.url
    assert page.locator(f'[id="{page.url.partition("#")[2]}"]').count() == 1


def test_downloads_run_and_print_the_record(site, corpus, tmp_path):
    item = corpus.snippets["transformer/flash-attention/online_softmax.py"]
    program = site / "snippets" / item.path
    assert program.read_text("utf-8") == published(item.source)
    done = subprocess.run([sys.executable, str(program)], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == item.record.read_text("utf-8")
    notebook = json.loads(program.with_suffix(".ipynb").read_text("utf-8"))
    assert notebook["nbformat"] == 4
    assert {path.relative_to(site / "snippets").as_posix() for path in (site / "snippets").rglob("*.py")} == set(
        corpus.snippets
    )


def test_no_page_holds_one_of_our_schemes_or_a_placeholder(site):
    for page in site.rglob("*.html"):
        html = page.read_text("utf-8")
        assert not re.search(r'(href|src)="(proof|article|concept):', html)
        assert "data-bagu-slot" not in html and "data-bagu-tip" not in html and "arithmatex" not in html


def test_sources_stay_out_of_the_site(site):
    published_files = {path.suffix for path in site.rglob("*") if path.is_file()}
    assert not published_files & {".bib", ".yml", ".out"}


COPIED = ("docs", "snippets", "hooks", "overrides", "mkdocs.yml")


def cold_build(folder: Path, results: bool) -> Path:
    """The whole project built in an empty folder, nothing cached; with ``results``, but what the programs did."""
    folder.mkdir()
    for name in COPIED:
        source = ROOT / name
        ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(source, folder / name, ignore=ignore) if source.is_dir() else shutil.copy(source, folder / name)
    if results:
        (folder / ".cache" / "bagu").mkdir(parents=True)
        shutil.copy(ROOT / ".cache" / "bagu" / "results.txt", folder / ".cache" / "bagu")
    done = mkdocs(folder, folder / "site", "--strict")
    assert done.returncode == 0, done.stderr
    return folder / "site"


@pytest.mark.parametrize("results", [True, pytest.param(False, marks=pytest.mark.nightly)], ids=["results", "nothing"])
def test_a_cold_build_elsewhere_is_the_same_but_for_the_time_of_the_run(site, tmp_path, results):
    """The site of all these tests, cold itself on a fresh clone, against one from an empty folder."""
    first, second = site, cold_build(tmp_path / "elsewhere", results)
    names = [{path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()} for top in (first, second)]
    assert names[0] == names[1]
    differing = []
    for name in names[0]:
        contents = [(top / name).read_bytes() for top in (first, second)]
        if name.startswith("sitemap.xml"):
            continue
        if name.endswith(".html"):
            contents = [re.sub(rb"<time data-run[^>]*>[^<]*</time>", b"", content) for content in contents]
        if contents[0] != contents[1]:
            differing.append(name)
    assert differing == []


def test_a_preview_executes_nothing_and_says_so(tmp_path):
    """Without NumPy and PyTorch: the documentation requirements alone."""
    blocked = tmp_path / "blocked"
    for name in ("numpy", "torch", "matplotlib"):
        (blocked / name).mkdir(parents=True)
        (blocked / name / "__init__.py").write_text("raise ImportError('a preview needs no such thing')\n")
    done = mkdocs(ROOT, tmp_path / "site", BAGU_PREVIEW="1", PYTHONPATH=str(blocked))
    assert done.returncode == 0, done.stderr
    html = (tmp_path / "site" / ARTICLE).read_text("utf-8")
    assert "未在本机运行" in html and "bagu-passed" not in html


REPO = "https://example.org/somebody/bagu"


def test_each_page_leads_to_its_file_and_to_a_filled_form_once_the_repository_has_an_address(site, tmp_path):
    config = tmp_path / "mkdocs.yml"
    told = f'INHERIT: {ROOT / "mkdocs.yml"}\ndocs_dir: {ROOT / "docs"}\nextra: {{ repo: "{REPO}/" }}\n'
    config.write_text(told, "utf-8")
    # The engine's root is the folder of the configuration, and overrides are found from there.
    for name in ("docs", "snippets", "hooks", "overrides"):
        (tmp_path / name).symlink_to(ROOT / name)
    done = mkdocs(tmp_path, tmp_path / "site", BAGU_PREVIEW="1")
    assert done.returncode == 0, done.stderr
    for page, file in ((ARTICLE, ARTICLE.replace(".html", ".md")), (LAB, LAB.replace(".html", ".py"))):
        html = (tmp_path / "site" / page).read_text("utf-8")
        foot = re.search(r'<p class="bagu-ways">.*?</p>', html)
        report, edit = (unescape(address) for address in re.findall(r'href="([^"]+)"', foot[0]))
        assert edit == f"{REPO}/edit/main/docs/{file}" and (ROOT / "docs" / file).is_file()
        asked = urlsplit(report)
        assert f"{asked.scheme}://{asked.netloc}{asked.path}" == f"{REPO}/issues/new"
        title = re.search(r"<h1[^>]*>(.*?)(?:<a |</h1>)", html)[1]
        assert parse_qs(asked.query) == {
            "template": ["wrong-content.yml"], "page": [f"docs/{file}"], "title": [f"[内容有误] {unescape(title)}"],
        }  # fmt: skip
    assert [page.name for page in site.rglob("*.html") if "bagu-ways" in page.read_text("utf-8")] == []


AXE = ROOT / "tests" / "vendor" / "axe" / "axe.min.js"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(open_page, path, dark):
    page = open_page(path, dark=dark)
    lay_out(page)
    page.add_script_tag(content=AXE.read_text("utf-8"))
    report = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    serious = {
        v["id"]: [node["html"][:120] for node in v["nodes"][:3]]
        for v in report["violations"]
        if v["impact"] in ("serious", "critical")
    }
    assert serious == {}
