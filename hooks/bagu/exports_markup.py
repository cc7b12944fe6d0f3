"""A chapter as Typst: one function call of ``book.typ`` for what the site marks by classes, markup for plain HTML."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import exports_listing as listing
from .errors import BaguError, Finding
from .exports_listing import string
from .exports_math import Formula
from .exports_pages import Chapter, classes, target, text_of

_ESCAPED = {ord(sign): f"\\{sign}" for sign in "\\#$*_`<>@~[]\"'/+=-"}
_DOT = re.compile(r"\.(?=[. ]|$)|(?<=\d)\.(?=\s|$)")
_BLANKS = re.compile(r"[ \t\r\n]+")
_BOX = re.compile(r'viewBox="([-\d.e]+) ([-\d.e]+) ([\d.e]+) ([\d.e]+)"')
_LABEL = re.compile(
    r'<text style="font-size: (?P<size>[\d.]+)px; font-family: [^;"]*; text-anchor: (?P<side>start|middle|end)'
    r'(?:; fill: (?P<fill>#\w+))?" x="(?P<x>[-\d.]+)" y="(?P<y>[-\d.]+)"'
    r' transform="rotate\((?P<angle>[-\d.]+) (?P=x) (?P=y)\)">(?P<text>[^<]+)</text>'
)
_MATH_LABEL = re.compile(
    r'<g transform="translate\((?P<x>[-\d.]+) (?P<y>[-\d.]+)\)"><text>(?P<parts>\s*(?:<tspan [^>]*>[^<]+</tspan>\s*)+)</text></g>'
)
_PART = re.compile(
    r'<tspan x="([-\d.]+)" y="([-\d.]+)" style="(?:font-style: oblique; )?font-size: ([\d.]+)px; font-family: [^;"]*">([^<]+)<'
)
_SIDES = {"start": "start", "middle": "center", "end": "end"}
COLUMNS = 92  # of a listing, an output, a fenced block: what book.typ has room for
SMALL_COLUMNS = 108  # of a whole program behind the chapter


@dataclass(frozen=True)
class Places:
    """What a chapter may lead to.

    ``pages`` {url: (label, folio of its first page)}, ``anchors`` {url: ids}, ``concepts`` ids.
    """

    pages: dict[str, tuple[str, str]]
    anchors: dict[str, frozenset[str]]
    concepts: frozenset[str]


@dataclass
class Written:
    """A chapter in Typst, with what the rest of the book needs of it. Labels are those whose page is asked for."""

    body: str = ""
    meta: dict[str, str] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)  # file name -> SVG
    labels: dict[str, None] = field(default_factory=dict)  # places that something leads to or may lead to
    concepts: dict[str, list[str]] = field(default_factory=dict)  # concept -> labels
    sources: dict[str, list[str]] = field(default_factory=dict)  # key of the bibliography -> labels
    versions: list[tuple[str, str]] = field(default_factory=list)
    headings: list[tuple[int, str, str]] = field(default_factory=list)  # level in the page, text, label
    programs: int = 0
    first: list[str] = field(default_factory=list)  # what to read before, in Typst


def label(url: str, anchor: str = "top") -> str:
    """The Typst label of an anchor of a page."""
    if not anchor.isascii():
        anchor = hashlib.sha256(anchor.encode()).hexdigest()[:10]
    return re.sub(r"[^\w.:-]", "-", f"{url.removesuffix('.html').rpartition('/')[2]}:{anchor}")


def counts(chapter: Chapter) -> dict[str, int]:
    """What a parsed chapter has of formulas, those in heads of tables apart, and of figures."""
    heads = len(chapter.root.xpath(".//thead//math"))
    return {
        "formula": len(chapter.root.xpath(".//math")) - heads,
        "head-formula": heads,
        "figure": len(chapter.root.xpath(".//img[@data-figure]")),
    }


def write(chapter: Chapter, places: Places, typeset: dict[Formula, str]) -> Written:
    """The Typst of a chapter that is parsed with listings apart; its formulas are in ``typeset``.

    Raises BaguError for an element that the book has no form for: nothing of a page is dropped in silence.
    """
    return _Writer(chapter, places, typeset).write()


def escape(text: str) -> str:
    """A text as Typst markup that means the text itself."""
    text = text.translate(_ESCAPED)
    return _DOT.sub(r"\\.", text) if "." in text else text


class _Writer:
    def __init__(self, chapter: Chapter, places: Places, typeset: dict[Formula, str]):
        self.chapter, self.places, self.typeset = chapter, places, typeset
        self.out = Written()
        self.programs: list[str] = []
        self.printed: set[str] = set()  # the stems of those: a program that stands in two blocks is printed once
        self.numbers: dict[str, int] = {}  # stem of a program -> its number in the chapter
        self.ticked: set[str] = set()  # labels of lines that a tick leads to and that aren't printed yet
        self.marks = 0

    def write(self) -> Written:
        root = self.chapter.root
        for bar in root.xpath('.//*[@class="bagu-bar"]'):
            self.numbers.setdefault(text_of(bar[0]).removesuffix(".py"), len(self.numbers) + 1)
        self.out.programs = len(self.numbers)
        ticks = root.xpath('.//a[@class="bagu-tick"]')
        self.ticked = {self.label(tick.get("href").partition("#")[2]) for tick in ticks}
        self.out.body = self.inside(root)
        if self.programs:
            at = self.place("programs")
            self.out.headings.append((2, "本章程序", at))
            self.out.body += f"\n#programs(<{at}>)\n" + "\n".join(self.programs)
        return self.out

    def label(self, anchor: str) -> str:
        return label(self.chapter.url, anchor)

    def place(self, anchor: str) -> str:
        """The label of an anchor that something leads to, or may lead to."""
        name = self.label(anchor)
        self.out.labels[name] = None
        return name

    def mark(self, kept: dict[str, list[str]], key: str) -> str:
        """An invisible label, noted under a key."""
        self.marks += 1
        name = f"{self.chapter.id}:mark-{self.marks}"
        kept.setdefault(key, []).append(name)
        return f"#spot(<{name}>);"

    # --- The walk ---------------------------------------------------------------------------------------------------

    def inside(self, element: Any) -> str:
        """The content of an element."""
        parts = [_text(element.text)]
        for child in element:
            parts += [self.element(child), _text(child.tail)]
        return "".join(parts)

    def element(self, element: Any) -> str:
        if not isinstance(element.tag, str):  # a comment
            return ""
        for name in classes(element):
            if name in _BY_CLASS:
                return _BY_CLASS[name](self, element)
        try:
            write = _BY_TAG[element.tag]
        except KeyError:
            message = f"the book has no form for <{element.tag}>; write it in another way, or teach exports_markup.py"
            raise BaguError(Finding(self.chapter.source, 0, message)) from None
        return write(self, element)

    def call(self, name: str, element: Any, *arguments: str) -> str:
        """A block-level call with the element's content."""
        listed = f"({', '.join(arguments)})" if arguments else ""
        return f"\n#{name}{listed}[{self.inside(element)}]\n"

    def inline(self, name: str, element: Any) -> str:
        return f"#{name}[{self.inside(element)}];"

    def heading(self, element: Any) -> str:
        level, name = int(element.tag[1]), self.place(element.get("id"))
        self.out.headings.append((level, text_of(element).removesuffix("#").strip(), name))
        return f"\n#h{min(level, 4)}(<{name}>)[{self.inside(element)}]\n"

    def title(self, element: Any) -> str:
        self.out.meta["title"] = text_of(element)
        return ""

    def facts(self, element: Any) -> str:
        for item in element:
            key = text_of(item[0])
            dots = item.xpath('.//*[@class="bagu-dots"]')
            self.out.meta[key] = text_of(dots[0]) if dots else text_of(item).removeprefix(key).strip()
        return ""

    def formula(self, element: Any) -> str:
        tex, display = _formula(element)
        repeated = any(above.tag == "thead" for above in element.iterancestors())
        formula = self.typeset[tex, display] + ("<head-formula>" if repeated else "<formula>")
        return f"\n{formula}\n" if display else formula

    def items(self, element: Any) -> str:
        name = "items" if element.tag == "ul" else "steps"
        return f"\n#{name}({''.join(f'[{self.inside(item)}], ' for item in element)})\n"

    def table(self, element: Any) -> str:
        rows = element.xpath(".//tr")
        cells = [[f"[{self.inside(cell)}]" for cell in row] for row in rows]
        sides = [re.search(r"text-align:\s*(\w+)", cell.get("style") or "") for cell in rows[0]]
        aligned = "".join(f"{side[1] if side else 'left'}, " for side in sides)
        body = "".join(f"  {', '.join(row)},\n" for row in cells[1:])
        return f"\n#tabular({len(cells[0])}, ({aligned}), ({''.join(f'{cell}, ' for cell in cells[0])}),\n{body})\n"

    def plain_listing(self, element: Any) -> str:
        """A fenced block of the article itself, which nobody executes."""
        return f"\n#plain[\n{listing.plain_rows(''.join(element.itertext()), COLUMNS)}\n]\n"

    def code(self, element: Any) -> str:
        return f"#m({string(''.join(element.itertext()))});"

    def link(self, element: Any) -> str:
        body = self.inside(element)
        found = target(self.chapter.url, element.get("href"))
        if found is None:
            return f"#web({string(element.get('href'))})[{body}];"
        page, anchor = found
        if page == self.chapter.url:
            if anchor.startswith("ref-"):
                return self.mark(self.out.sources, anchor[4:]) + f"#to({string(self.place(anchor))})[{body}];"
            return f"#goto(<{self.place(anchor)}>)[{body}];"
        if page not in self.places.pages:
            return body
        top, folio = self.places.pages[page]
        inside = anchor in self.places.anchors.get(page, ())
        where = f"第 {folio.partition('-')[0]} 章" if inside else f"第 {folio} 页"
        return f"#away({string(label(page, anchor) if inside else top)}, {string(where)})[{body}];"

    def tick(self, element: Any) -> str:
        anchor = element.get("href").partition("#")[2]
        stem, _, line = anchor.rpartition("-L")
        place = f"{self.numbers[stem]}:{line}"
        return f"#tick(<{self.place(anchor)}>, {string(place)}, {string(text_of(element))});"

    def concept(self, element: Any) -> str:
        """A term leads to the glossary, without a page number: terms are many, and the index has their pages."""
        id_ = element.get("data-concept") or ""
        if id_ not in self.places.concepts:
            return self.inside(element)
        return f"{self.mark(self.out.concepts, id_)}#term-link({string(id_)})[{self.inside(element)}];"

    def related(self, element: Any) -> str:
        """What to read first goes under the title; who refers to this article is a matter of the index."""
        first = element.xpath('.//div[dt="先看"]//a[not(contains(parent::li/@class, "bagu-route"))]')
        self.out.first = [self.link(link) for link in first]
        return ""

    def statement(self, element: Any) -> str:
        return self.call("wrong" if "bagu-wrong" in classes(element) else "right", element)

    def said(self, element: Any) -> str:
        """The words over a statement: who says so."""
        return self.inline("wrong-mark" if "bagu-wrong" in classes(element.getparent()) else "mark", element)

    def box(self, element: Any) -> str:
        name = next(
            name for name in ("proof", "refute", "correct", "followup", "erratum") if f"bagu-{name}" in classes(element)
        )
        return self.call(name, element, f"<{self.place(element.get('id'))}>")

    def references(self, element: Any) -> str:
        entries = []
        for n, item in enumerate(element, 1):
            addresses = [a.get("href") for a in item.iter("a") if not re.search(r"arxiv\.org|doi\.org", a.get("href"))]
            printed = "".join(f"#address({string(address)});" for address in addresses)
            entries.append(f"#reference({n}, <{self.label(item.get('id'))}>)[{self.inside(item)}{printed}]")
        return "\n#references[\n" + "\n".join(entries) + "\n]\n"

    def evidence(self, element: Any) -> str:
        """Bar and listing, output, figures, stamp; a program that the page folds away stands at the chapter's end."""
        name, shown = (text_of(part) for part in element.xpath('./*[@class="bagu-bar"]')[0][:2])
        stem = name.removesuffix(".py")
        number, whole = self.numbers[stem], f"program-{stem}"
        folded = element.xpath('./details[not(contains(@class, "bagu-stderr"))]')
        parts = []
        for child in element:
            kind = classes(child)
            if "bagu-bar" in kind or "bagu-whole" in kind:
                continue
            if "highlight" in kind:
                at = f"<{self.place(whole)}>" if folded else "none"
                rows, _ = self.lines(child, stem)
                parts.append(f"\n#listing({number}, {string(name)}, {string(shown)}, {at})[\n{rows}\n]\n")
            elif "bagu-program" in kind:
                parts.append(f"\n#seeprogram({number}, {string(name)}, <{self.place(whole)}>)\n")
            elif "bagu-output" in kind or "bagu-stderr" in kind:
                mark = "stderr" if "bagu-stderr" in kind else "输出"
                rows = listing.plain_rows("".join(child.xpath(".//samp")[0].itertext()), COLUMNS)
                parts.append(f"\n#output({string(mark)})[\n{rows}\n]\n")
            else:
                parts.append(self.element(child))
        for details in folded if stem not in self.printed else ():
            self.printed.add(stem)
            [inner] = details.xpath('.//details[@class="bagu-whole"]') or [details]
            rows, count = self.lines(inner, stem, SMALL_COLUMNS)
            self.programs.append(f"#program({number}, {string(name)}, {count}, <{self.label(whole)}>)[\n{rows}\n]\n")
        return "".join(parts)

    def lines(self, box: Any, stem: str, width: int = COLUMNS) -> tuple[str, int]:
        """(rows, number of lines) of a listing; a line that a tick leads to has its label where it is printed first."""
        found, start = [], self.label(f"{stem}-L")
        for number, tokens in listing.lines(self.chapter.listings[int(box.xpath(".//pre/@data-listing")[0])]):
            name = f"{start}{number}"
            found.append((number, name if name in self.ticked else "", tokens))
            self.ticked.discard(name)
        return listing.rows(found, width), len(found)

    def figure(self, element: Any) -> str:
        caption = text_of(element.xpath("./figcaption")[0])
        images = element.xpath(".//img[@data-figure]")
        if not images:
            return f"\n#figurecaption[{escape(caption)}]\n"
        number = images[0].get("data-figure")
        svg, width = printable(self.chapter.figures[int(number)])
        svg, units, labels = labelled(svg)
        name = f"{self.chapter.id}-{number}.svg"
        self.out.figures[name] = svg
        listed = "".join(f"{label}, " for label in labels)
        return f"\n#picture({string(name)}, {width:g}, {units:g}, {string(caption)}, ({listed}))\n"

    def stamp(self, element: Any) -> str:
        self.out.versions += re.findall(r"([A-Za-z][\w-]*) (\d[\w.+]*)", text_of(element))
        return self.call("stamp", element)

    def nothing(self, element: Any) -> str:
        return ""


def _caller(name: str) -> Callable[[_Writer, Any], str]:
    return lambda writer, element: writer.call(name, element)


def _inliner(name: str) -> Callable[[_Writer, Any], str]:
    return lambda writer, element: writer.inline(name, element)


def _paragraph(writer: _Writer, element: Any) -> str:
    return f"\n{writer.inside(element)}\n\n"


_BY_CLASS: dict[str, Callable[[_Writer, Any], str]] = {
    "headerlink": _Writer.nothing,
    "bagu-meta": _Writer.facts,
    "bagu-tick": _Writer.tick,
    "bagu-concept": _Writer.concept,
    "bagu-related": _Writer.related,
    "bagu-proof": _Writer.box,
    "bagu-refute": _Writer.box,
    "bagu-correct": _Writer.box,
    "bagu-followup": _Writer.box,
    "bagu-erratum": _Writer.box,
    "bagu-statement": _Writer.statement,
    "bagu-wrong": _Writer.statement,
    "bagu-right": _Writer.statement,
    "bagu-mark": _Writer.said,
    "bagu-source": _caller("source"),
    "bagu-where": _caller("where"),
    "bagu-references": _Writer.references,
    "bagu-figure": _Writer.figure,
    "bagu-stamp": _Writer.stamp,
    "highlight": _Writer.plain_listing,
}
_BY_TAG: dict[str, Callable[[_Writer, Any], str]] = {
    "p": _paragraph,
    "h1": _Writer.title,
    "ul": _Writer.items,
    "ol": _Writer.items,
    "table": _Writer.table,
    "blockquote": _caller("quotation"),
    "pre": _Writer.plain_listing,
    "summary": _caller("question"),
    "bagu-evidence": _Writer.evidence,
    "bagu-tip": _Writer.nothing,
    "button": _Writer.nothing,
    "math": _Writer.formula,
    "code": _Writer.code,
    "a": _Writer.link,
    "em": _inliner("i"),
    "strong": _inliner("b"),
    "sup": _inliner("super"),
    "sub": _inliner("sub"),
    "small": _inliner("planned"),
    "br": lambda writer, element: "#linebreak();",
    "hr": lambda writer, element: "\n#rule\n",
} | dict.fromkeys(("div", "section", "span", "time"), _Writer.inside) | dict.fromkeys(
    ("h2", "h3", "h4", "h5"), _Writer.heading
)  # fmt: skip


def printable(svg: str) -> tuple[str, float]:
    """(SVG, width in points) of a figure for paper: black for ``currentColor``, its own width, the book's fonts."""
    natural = re.search(r"max-width: ([\d.]+)px", svg)
    box = _BOX.search(svg)
    assert box is not None, "figure.embed gives every figure a viewBox"
    svg = re.sub("currentcolor", "black", svg, flags=re.IGNORECASE)
    svg = re.sub(r"font-family\s*:\s*[^;\"]+", "font-family: Noto Sans CJK SC", svg)
    svg = re.sub(r"((?:^|[\"; ])font: (?:[\w.%/]+ )*?[\d.]+px )[^;\"]+", r"\1'Noto Sans CJK SC'", svg)
    return svg, (float(natural[1]) if natural else float(box[3])) * 0.75


def labelled(svg: str) -> tuple[str, float, list[str]]:
    """(SVG without its plain labels, its width in units, the labels in Typst): a word costs Typst 20 times less than in an SVG.

    Labels are what matplotlib writes, never inside of a group that is moved.
    """
    box = _BOX.search(svg)
    assert box is not None, "figure.embed gives every figure a viewBox"
    left, top, width = (float(box[n]) for n in (1, 2, 3))
    labels = []

    def add(
        x: float, y: float, size: str, text: str, side: str = "start", angle: float = 0, fill: str = "#000"
    ) -> None:
        text = string(html.unescape(text))
        labels.append(f"({x - left:g}, {y - top:g}, {size}, {side}, {angle:g}deg, {string(fill)}, {text})")

    def label(match: re.Match[str]) -> str:
        side, angle = _SIDES[match["side"]], float(match["angle"]) + 0.0
        add(float(match["x"]), float(match["y"]), match["size"], match["text"], side, angle, match["fill"] or "#000")
        return ""

    def math(match: re.Match[str]) -> str:
        """A formula, letter by letter."""
        parts = _PART.findall(match["parts"])
        if len(parts) != match["parts"].count("<tspan"):
            return match[0]
        for x, y, size, text in parts:
            add(float(match["x"]) + float(x), float(match["y"]) + float(y), size, text)
        return ""

    return _MATH_LABEL.sub(math, _LABEL.sub(label, svg)), width, labels


def _formula(math: Any) -> Formula:
    return text_of(math), math.get("display") == "block"


def _text(text: str | None) -> str:
    return escape(_BLANKS.sub(" ", text)) if text else ""
