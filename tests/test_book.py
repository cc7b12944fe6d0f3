"""The book against the web: whatever a page of the site shows stands in the PDF, in order, and sound as print."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import pymupdf
import pytest
import typst
from bagu import corpus, exports
from bagu.exports_pages import Chapter, formulas
from bagu.project import Project
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parent.parent


def squeezed(text: str) -> str:
    """Text without what a line break or a wrapped line may add: blanks, joiners, the mark of a wrap."""
    text = re.sub(r"[\s\u2060\u200b↪]", "", text)
    return unicodedata.normalize("NFKC", text)


@dataclass
class Printed:
    """A chapter as the PDF has it."""

    chapter: Chapter
    pages: list[int]
    text: str = ""  # squeezed, without running heads and folios
    soup: BeautifulSoup = field(default_factory=lambda: BeautifulSoup("", "html.parser"))


@pytest.fixture(scope="session")
def pdf(site, tmp_path_factory) -> Path:
    """The book of all articles."""
    output = tmp_path_factory.mktemp("book") / "book.pdf"
    exports.export(Project(ROOT), "book", site, output)
    return output


@pytest.fixture(scope="session")
def document(pdf) -> pymupdf.Document:
    return pymupdf.open(pdf)


@dataclass
class Page:
    """What the tests ask of a page, taken once."""

    label: str
    text: str
    lines: list[list[dict]]  # of spans
    traces: list[dict]  # as they are painted


@pytest.fixture(scope="session")
def pages(document) -> list[Page]:
    found = []
    for page in document:
        blocks = page.get_text("dict")["blocks"]
        lines = [line["spans"] for block in blocks for line in block.get("lines", [])]
        found.append(Page(page.get_label(), page.get_text(), lines, page.get_texttrace()))
    return found


@pytest.fixture(scope="session")
def book(pages, site) -> list[Printed]:
    """Its chapters, found by the page labels."""
    printed = []
    labels = [page.label for page in pages]
    loaded = corpus.load(Project(ROOT))
    for chapter in exports.chapters(loaded.project, site):
        own = [n for n, label in enumerate(labels) if label.startswith(f"{chapter.number}-")]
        soup = BeautifulSoup((site / chapter.url).read_text("utf-8"), "html.parser").find("article")
        texts = [squeezed(pages[n].text) for n in own]
        head = squeezed(f"{chapter.number} {soup.h1.get_text()}")
        texts = [text.replace(head + squeezed(labels[n]), "", 1) for n, text in zip(own, texts, strict=True)]
        printed.append(Printed(chapter, own, "".join(texts), soup))
    return printed


def shown(soup: BeautifulSoup) -> tuple[list[str], list[str]]:
    """(what a chapter shows in order, the programs at its end): titles, lines of listings and outputs, captions, cells."""
    for hidden in soup.select("bagu-tip, .headerlink, button, .bagu-get"):
        hidden.decompose()
    for broken in soup.select("bagu-math, .bagu-tick, .bagu-planned small, .bagu-concept, a:not([href^=http])"):
        broken.insert_before("\0")
        broken.insert_after("\0")
    for formula in soup.select("bagu-math"):
        formula.decompose()
    running, folded, whole = [], [], set()
    for element in soup.select("h2, h3, pre, figcaption, td, th, summary, .bagu-statement p, .bagu-claim p"):
        inside = element.find_parent("details", class_=["bagu-whole", "bagu-program"])
        if element.name == "pre" and "bagu-code" in element.get("class", []):
            lines = [line.get_text() for line in element.select(".bagu-l") if line.get_text().strip()]
            ends = [lines[0], lines[-1]]
            if inside is None:
                running += ends
            elif element.find_parent("details").select("pre") == [element]:  # else a part of the program after it
                folded += [] if element.get_text() in whole else ends
                whole.add(element.get_text())
        elif element.name == "pre":
            running += [line for line in element.get_text().split("\n") if line.strip()]
        elif element.name != "summary" or "bagu-followup" in element.parent.get("class", []):
            running += element.get_text().split("\0")
    return [item for item in running if squeezed(item)], [item for item in folded if squeezed(item)]


def test_all_that_a_page_shows_stands_in_its_chapter_in_order(book):
    lost, counted = [], 0
    for printed in book:
        running, folded = shown(printed.soup)
        at, after = 0, printed.text.index("本章程序") if folded else len(printed.text)
        for items, start in ((running, 0), (folded, after)):
            at = start
            for item in items:
                counted += 1
                found = printed.text.find(squeezed(item), at)
                if found < 0:
                    lost.append(f"{printed.chapter.id}: {item}")
                else:
                    at = found + len(squeezed(item))
    assert lost == []
    assert counted > 150 * len(book)  # a page whose parts weren't recognised would show nothing


def test_a_program_that_stands_in_two_blocks_is_printed_once(book):
    found = 0
    for printed in book:
        programs = [
            pre.get_text()
            for pre in printed.soup.select("details.bagu-program pre.bagu-code, .bagu-whole pre.bagu-code")
        ]
        for text in {text for text in programs if programs.count(text) > 1}:
            first = squeezed(text.strip().split("\n")[0])
            assert printed.text[printed.text.index("本章程序") :].count(first) == 1, printed.chapter.id
            found += 1
    assert found


def test_every_word_of_a_figure_is_printed(book):
    lost, counted = [], 0
    for printed in book:
        for text in printed.soup.select("figure svg text"):
            words = squeezed(text.get_text())
            counted += 1
            if not text.find("tspan") and words not in printed.text:  # a formula is set letter by letter
                lost.append(f"{printed.chapter.id}: {words}")
    assert lost == []
    assert counted > 100


def test_nothing_is_printed_in_a_font_that_isnt_embedded_or_as_a_missing_glyph(document, pages):
    faults, fonts = set(), set()
    for page, drawn in zip(document, pages, strict=True):
        for font in page.get_fonts():
            fonts.add(re.sub(r"^[A-Z]{6}\+", "", font[3]))
            if font[1] == "n/a":
                faults.add(f"page {drawn.label}: {font[3]} isn't embedded")
        for span in drawn.traces:
            faults |= {
                f"page {drawn.label}: no glyph for {chr(char[0])!r} in {span['font']}"
                for char in span["chars"]
                if char[1] == 0
            }
    assert faults == set()
    assert any("NotoSerifCJK" in font for font in fonts) and any("NewCMMath" in font for font in fonts)


def test_no_text_leaves_the_type_area_and_no_page_is_without_text(document, pages):
    faults = []
    left, top, right, bottom = document[1].rect + (52, 30, -52, -24)  # the margins, running head above, folio below
    assert {tuple(page.rect) for page in document} == {tuple(document[1].rect)}
    for page in pages[1:]:
        if not page.text.strip():
            faults.append(f"page {page.label} is empty")
        for span in page.traces:
            (x0, y0, x1, y1), text = span["bbox"], "".join(chr(char[0]) for char in span["chars"])
            if text.strip() and not (left <= x0 and top <= y0 and x1 <= right and y1 <= bottom):
                faults.append(f"page {page.label}: {text!r} at {span['bbox']}")
    assert faults == []


def test_no_tex_is_left_in_print(pages):
    """Programs may name TeX (a figure's label); prose and formulas may not."""
    left = []
    for page in pages:
        for line in page.lines:
            text = "".join(span["text"] for span in line if "Mono" not in span["font"])
            if re.search(r"\\[A-Za-z]+|\$", text):
                left.append(f"page {page.label}: {text}")
    assert left == []


def test_every_link_leads_where_its_words_say(document, pages, book):
    """Inside the book to the page that the words name, outside to an address; ticks to the line of the program."""
    labels = [page.label for page in pages]
    spans = [
        [((x0 + x1) / 2, (y0 + y1) / 2, span["text"]) for line in page.lines for span in line for x0, y0, x1, y1 in [span["bbox"]]]
        for page in pages
    ]  # fmt: skip

    def words(number: int, area: pymupdf.Rect) -> str:
        left, top, right, bottom = area
        return "".join(text for x, y, text in spans[number] if left <= x < right and top <= y < bottom)

    parts = {re.escape(label.rpartition("-")[0]) for label in labels} - {""}  # "ZeRO-1" is no page
    folio = re.compile(rf"(?:第 )?((?:\d+|{'|'.join(sorted(parts))})-\d+)(?: 页)?")
    wrong, ticks, named = [], 0, 0
    for n, page in enumerate(document):
        for link in page.get_links():
            said, where = words(n, link["from"]), f"page {labels[n]}: {link}"
            if link["kind"] == pymupdf.LINK_URI:
                wrong += [] if link["uri"].startswith("http") else [where]
            elif link["kind"] != pymupdf.LINK_GOTO or not 0 <= link["page"] < len(document):
                wrong.append(where)
            elif found := re.search(r"✓(\d+):(\d+)", said):
                ticks += 1
                line = pymupdf.Rect(0, link["to"].y + 6, page.rect.width, link["to"].y + 16)
                wrong += [] if words(link["page"], line).split()[:1] == [found[2]] else [f"{said} {where}"]
            elif found := folio.fullmatch(said.strip()):
                named += 1
                wrong += [] if labels[link["page"]] == found[1] else [f"{said} {where}"]
    assert wrong == []
    assert ticks == sum(len(printed.soup.select(".bagu-tick")) for printed in book)
    assert named > len(book)


def test_bookmarks_are_the_parts_the_chapters_and_their_sections(document, pages, book):
    outline = document.get_toc()
    chapters = [title for level, title, _ in outline if level == 2]
    assert chapters == [f"{printed.chapter.number}　{printed.soup.h1.get_text()}" for printed in book]
    sections = [title for level, title, _ in outline if level == 3]
    assert sections.count("一句话") == sections.count("追问") == len(book)
    assert [title for level, title, _ in outline if level == 1][-4:] == [
        "附录 A　勘误", "附录 B　术语表", "附录 C　参考文献", "附录 D　概念索引"
    ]  # fmt: skip
    for level, title, page in outline:
        if level == 2:
            assert squeezed(title.partition("　")[2]) in squeezed(pages[page - 1].text)


def test_no_name_of_the_style_takes_the_place_of_one_that_formulas_use(tmp_path):
    r"""``#let mono = …`` set ``\texttt{nums}`` as the list of fonts that it was, and nothing complained."""
    style = (Path(exports.__file__).parent / "book" / "book.typ").read_text("utf-8")
    names = set(re.findall(r"^#let ([\w-]+)", style, re.MULTILINE))
    program = tmp_path / "names.typ"
    program.write_text("#metadata(dictionary(math).keys() + dictionary(sym).keys())<names>")
    used = set(json.loads(typst.query(str(program), "<names>", field="value", one=True)))
    assert {"mono", "frac", "arrow"} <= used and {"book", "dfrac"} <= names
    assert names & used == set()


def test_a_formula_that_text_can_write_is_printed_as_that(book):
    """Formulas of letters, digits and words set upright or in monospace, as they are read."""
    found = set()
    for printed in book:
        text = printed.text.replace("\N{MINUS SIGN}", "-")
        for tex, _ in formulas(printed.chapter.html):
            plain = re.sub(r"\\(?:texttt|mathrm|text|operatorname)\{([^{}\\]*)\}|\\[ ,;!]", r"\1", tex)
            if not re.search(r"[\\^_{}*'~&]", plain):
                found.add(plain)
                assert squeezed(plain) in text, (printed.chapter.id, tex)
    assert "f(i)=nums[i]" in found and len(found) > 100
