"""The book: each chapter a Typst document of its own, numbered 17-1, 17-2 …, then contents and appendices, then one PDF.

Pages are numbered within the chapter. So a chapter depends on nothing but itself and the order of the chapters: it is
typeset once, in parallel with others, in little memory, and kept until it changes; and a correction to one article
moves no page number that is printed or quoted anywhere else.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import pickle
import re
import signal
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from . import concepts, exports_fonts, exports_markup, exports_math, exports_pages
from .cache import Memo
from .corpus import Concept, Corpus
from .errors import BaguError, Finding
from .exports_edition import Edition
from .exports_listing import string
from .exports_markup import Places, Written, label
from .exports_math import Formula
from .exports_pages import Chapter, target
from .exports_pdf import Binding, Heading, Unit
from .exports_typeset import Typesetter, tidy
from .project import Question, Topic
from .snippet import content_key

if TYPE_CHECKING:
    from .exports import Order

T = TypeVar("T")
TITLE, SUBTITLE, LATIN = "八股实验室", "大模型算法岗面试题", "Bagu Lab"
LICENCE = "文章、图与输出：CC BY-SA 4.0。程序：MIT。"
APPENDICES = (
    ("A", "errata", "勘误"),
    ("B", "glossary", "术语表"),
    ("C", "sources", "参考文献"),
    ("D", "index", "概念索引"),
)


def write(order: Order) -> None:
    """Make the PDF that is ordered. Raises BaguError, and leaves what was at the output alone then."""
    kept = order.project.cache
    memo, units = Memo(kept / "typst.json", exports_math.salt()), kept / "book"
    all_ = [] if order.folders or order.articles else list(order.project.docs.glob("*/*.md"))
    known = units.is_dir()
    with tempfile.TemporaryDirectory(prefix="bagu-book-") as scratch:
        with _Press(Path(scratch), units, exports_fonts.find()) as press:
            if len(all_) > FEW and not known:  # there will be much to do: processes start while the articles are read
                press.start()
            bound = _bound(order, press, memo)
        memo.save()
        bound.save(order.output, f"{TITLE}：{SUBTITLE}", LATIN, order.edition.moment)
        tidy(units, bound.units)


# --- In parallel ------------------------------------------------------------------------------------------------------
# Processes, because Typst's threads share one pool in a process. What is little is made in this one.
# A process grows to some 200 MB, fonts included, and stays there (exports_typeset.FORGETTING).

FEW = 3  # chapters that aren't worth a process
_typesetter: Typesetter | None = None


class _Press:
    """Makes units one after another, or in as many processes as there are cores where there are many."""

    def __init__(self, *arguments: Any):
        self.arguments = arguments
        self.own = _begin(*arguments)
        self.pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> _Press:
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        if self.pool:
            self.pool.shutdown(cancel_futures=kind is not None)

    def start(self) -> None:
        """Start the processes, unless they are there or there is but one core."""
        if self.pool is None and (cores := os.cpu_count() or 1) > 1:
            context = multiprocessing.get_context("spawn")
            self.pool = ProcessPoolExecutor(cores, context, _begin_worker, self.arguments)
            for _ in range(cores):  # each order starts one
                self.pool.submit(os.getpid)

    def each(self, function: Callable[..., T], *items: Sequence[Any]) -> Iterable[T]:
        """As the built-in ``map``; where there is a pool, everything has begun when this returns."""
        return self.pool.map(function, *items) if self.pool else map(function, *items)


def _begin(*arguments: Any) -> Typesetter:
    global _typesetter
    _typesetter = Typesetter(*arguments)
    return _typesetter


def _begin_worker(*arguments: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    os.environ["RAYON_NUM_THREADS"] = "1"
    _begin(*arguments)


def _typeset(unit: Unit) -> Unit:
    assert _typesetter is not None
    return _typesetter.unit(unit)


@functools.cache
def _shared(file: Path) -> Any:
    """What all chapters need, read once by a process."""
    return pickle.loads(file.read_bytes())  # noqa: S301 - written by _units


def _make(chapter: Chapter, places: Path, typeset: dict[Formula, str], kept: Path) -> tuple[Written, Unit]:
    """A chapter, written and typeset, and kept. Raises BaguError where the book would have less of it than the page."""
    chapter.parse(apart=True)
    wanted = exports_markup.counts(chapter)
    written = exports_markup.write(chapter, _shared(places), typeset)
    unit = _typeset(_chapter(chapter, written))
    for name, count in wanted.items():  # a table's head stands again on the table's next page
        if unit.counts[name] != count and not (name == "head-formula" and unit.counts[name] > count):
            message = f"the page has {count} of {name}, the book {unit.counts[name]}; nothing may be lost"
            raise BaguError(Finding(chapter.source, 0, message))
    unit.body, written.body, unit.figures, written.figures = "", "", {}, {}  # they needn't travel
    unit.kept = kept.stem
    kept.write_bytes(pickle.dumps((written, unit)))
    return written, unit


def _kept(file: Path) -> tuple[Written, Unit] | None:
    """What ``_make`` kept there, if its PDF is there as well."""
    try:
        written, unit = pickle.loads(file.read_bytes())  # noqa: S301 - written by _make
        return (written, unit) if unit.pdf.is_file() else None
    except (OSError, pickle.PickleError, EOFError, AttributeError):
        return None


# --- The whole --------------------------------------------------------------------------------------------------------


@dataclass
class _Made:
    """The chapters once they are typeset."""

    chapters: Sequence[Chapter]
    written: list[Written]
    folios: dict[str, str] = field(default_factory=dict)  # label -> "17-5"

    def page(self, name: str) -> str:
        """第 17-5 页, of a label."""
        return f"第 {self.folios[name]} 页"

    def add(self, written: Written, unit: Unit) -> None:
        self.written.append(written)
        self.folios |= {name: f"{unit.prefix}-{page + 1}" for name, (page, _) in unit.places.items()}


def _bound(order: Order, press: _Press, memo: Memo) -> Binding:
    """All units, bound in order: those that are done while others are being made."""
    chosen, terms = order.chapters, sorted(concepts.load(order.project)[0])
    errata = _errata(order.site, chosen)
    places = Places(
        {chapter.url: (label(chapter.url), f"{chapter.number}-1") for chapter in chosen},
        {chapter.url: exports_pages.anchors(chapter.html) for chapter in chosen},
        frozenset(terms),
    )
    formulas = {chapter.id: exports_pages.formulas(chapter.html) for chapter in [*chosen, errata]}
    typeset = exports_math.typst(
        [(formula, chapter.source) for chapter in [*chosen, errata] for formula in formulas[chapter.id]], memo
    )
    needed = [{formula: typeset[formula] for formula in formulas[chapter.id]} for chapter in chosen]
    common = content_key(
        press.own.salt,
        _engine(),
        *terms,
        repr(sorted(places.pages.items())),
        repr(sorted((url, sorted(ids)) for url, ids in places.anchors.items())),
    )
    files = [
        press.own.cache
        / f"{content_key(common, chapter.html, chapter.topic.name, str(chapter.number), repr(needed[n]))}.chapter"
        for n, chapter in enumerate(chosen)
    ]
    both = list(map(_kept, files))
    lacking = [n for n, known in enumerate(both) if known is None]
    if len(lacking) > FEW:
        press.start()
    names = list(dict.fromkeys(chapter.topic.part for chapter in chosen))
    parts = press.each(_typeset, [_part(n, name) for n, name in enumerate(names, 1)])
    shared = press.own.scratch / "places"
    shared.write_bytes(pickle.dumps(places))
    asked = [(chosen[n], shared, needed[n], files[n]) for n in lacking]
    new = iter(press.each(_make, *zip(*asked, strict=True)) if asked else ())
    opening = dict(zip(names, parts, strict=True))
    bound, made = Binding(), _Made(chosen, [])
    corpus = order.corpus  # read while chapters are being made
    for chapter, known in zip(chosen, both, strict=True):
        written, unit = known or next(new)
        if part := opening.pop(chapter.topic.part, None):
            bound.add(part)
        bound.add(unit)
        made.add(written, unit)
        chapter.html = ""  # of hundreds, it is a good part of the memory
    back = _back(corpus, made, exports_markup.write(errata, places, typeset))
    front, *back = press.each(_typeset, [_front(made, order.edition), *back])
    for unit in back:
        bound.add(unit)
    bound.add(front, first=True)
    return bound


def _engine() -> str:
    """A digest of what writes and typesets a chapter."""
    here = Path(__file__).parent
    files = [*sorted(here.glob("exports*.py")), *sorted((here / "book").iterdir())]
    return content_key(*(file.read_bytes() for file in files))


# --- Pieces -----------------------------------------------------------------------------------------------------------


def _chapter(chapter: Chapter, item: Written) -> Unit:
    top = label(chapter.url)
    facts = [f"{key} {item.meta[key]}" for key in ("难度", "频率（编辑判断）", "最近更正", "审校") if key in item.meta]
    arguments = [
        str(chapter.number),
        string(chapter.topic.name),
        string(item.meta["title"]),
        _array(map(string, facts)),
        _array(f"[{first}]" for first in item.first),
    ]
    body = f"#chapter({', '.join(arguments)}, <{top}>)[\n{item.body}\n]"
    marks = [name for kept in (item.concepts, item.sources) for names in kept.values() for name in names]
    headings = [Heading(1, f"{chapter.number}　{item.meta['title']}", top)]
    headings += [Heading(2, text, name) for level, text, name in item.headings if level == 2]
    return Unit(chapter.id, str(chapter.number), body, [top, *item.labels, *marks], headings, item.figures)


def _part(number: int, name: str) -> Unit:
    text = f"第{_numeral(number)}部分　{name}"
    return Unit(f"part-{number}", "", f"#part({string(_numeral(number))}, {string(name)})", [], [Heading(0, text, "")])


def _front(made: _Made, edition: Edition) -> Unit:
    versions: dict[str, set[str]] = {}
    for item in made.written:
        for name, version in item.versions:
            versions.setdefault(name, set()).add(version)
    checked = "、".join(f"{name} {'/'.join(sorted(found))}" for name, found in sorted(versions.items()))
    programs = sum(item.programs for item in made.written)
    body = [
        f"#cover({string(TITLE)}, {string(SUBTITLE)}, {string(LATIN)}, {string(edition.date)})",
        f"#colophon({string(edition.date)}, {string(edition.commit)}, {string(checked)}, {len(made.chapters)}, "
        f"{programs}, {string(LICENCE)})",
        "#guide()",
        "#contents[",
    ]
    part = topic = None
    for chapter, item in zip(made.chapters, made.written, strict=True):
        if chapter.topic.part != part:
            part, topic = chapter.topic.part, None
            body.append(f"#toc-part({string(part)})")
        if chapter.topic.name != topic:
            topic = chapter.topic.name
            body.append(f"#toc-topic({string(topic)})")
        top = label(chapter.url)
        arguments = map(string, (top, str(chapter.number), item.meta["title"], made.folios[top]))
        body.append(f"#toc-entry({', '.join(arguments)})")
    body.append('#toc-part("附录")')
    for letter, name, title in APPENDICES:
        body.append(f"#toc-entry({string(f'back:{name}')}, {string(letter)}, {string(title)}, {string(f'{letter}-1')})")
    headings = [Heading(0, "封面", ""), Heading(0, "怎样读这本书", "front:guide"), Heading(0, "目录", "front:contents")]
    return Unit("front", "", "\n".join([*body, "]"]), ["front:guide", "front:contents"], headings)


def _back(corpus: Corpus, made: _Made, errata: Written) -> list[Unit]:
    homes = {chapter.id: label(chapter.url) for chapter in made.chapters}
    mentions: dict[str, list[str]] = {}
    cited: dict[str, list[str]] = {}
    for item in made.written:
        for kept, all_ in ((item.concepts, mentions), (item.sources, cited)):
            for key, names in kept.items():
                all_.setdefault(key, []).extend(names)
    concepts = [c for c in corpus.concepts.values() if c.home in homes or c.id in mentions]
    concepts.sort(key=lambda concept: alphabetic(concept.zh))

    def pages(names: Sequence[str]) -> str:
        first: dict[str, str] = {}
        for name in names:
            first.setdefault(made.folios[name], name)
        found = sorted(first.items(), key=lambda item: [int(part) for part in item[0].split("-")])
        return _array(f"({string(name)}, {string(folio)})" for folio, name in found)

    def term(concept: Concept) -> str:
        home = homes.get(concept.home)
        where = pages([home] if home else mentions[concept.id])
        texts = ", ".join(map(string, (concept.zh, concept.en, concept.definition)))
        return f"#term({texts}, {where}, <term:{concept.id}>)"

    def entry(concept: Concept) -> str:
        names = ([homes[concept.home]] if concept.home in homes else []) + mentions.get(concept.id, [])
        return f"#entry({string(concept.zh)}, {string(concept.en)}, {pages(names)})"

    keys = sorted(
        (key for key in cited if key in corpus.references), key=lambda key: corpus.references[key].text.lower()
    )
    sources = [
        f"#source-entry({n}, {string(corpus.references[key].text)}, {pages(cited[key])})"
        for n, key in enumerate(keys, 1)
    ]
    bodies = {
        "errata": re.sub(
            r'#away\("([^"]+)", "[^"]*"\)', lambda m: f"#away({string(m[1])}, {string(made.page(m[1]))})", errata.body
        ),
        "glossary": "\n".join(map(term, concepts)),
        "sources": "#references[\n" + "\n".join(sources) + "\n]",
        "index": "#columned[\n" + "\n".join(map(entry, concepts)) + "\n]",
    }
    placed = {"errata": errata.labels, "glossary": [f"term:{concept.id}" for concept in concepts]}
    return [
        Unit(
            name, letter, f"#appendix({string(letter)}, {string(title)}, <back:{name}>)[\n{bodies[name]}\n]",
            [f"back:{name}", *placed.get(name, ())], [Heading(0, f"附录 {letter}　{title}", f"back:{name}")],
        )
        for letter, name, title in APPENDICES
    ]  # fmt: skip


def _errata(site: Path, chosen: Sequence[Chapter]) -> Chapter:
    """The site's errata page without what concerns articles that aren't in the book."""
    question = Question("errata", "", "勘误", "", "", "")
    page = Chapter(question, Topic("勘误", "附录", "", ()), "errata.html", exports_pages.body(site / "errata.html"), 0)
    page.parse()
    urls = {chapter.url for chapter in chosen}
    for section in page.root.xpath('.//section[contains(@class, "bagu-erratum")]'):
        led = target(page.url, section.xpath(".//a[@href]")[0].get("href"))
        if led is None or led[0] not in urls:
            section.drop_tree()
    for heading in page.root.xpath("./h2"):
        after = heading.getnext()
        if after is None or after.tag == "h2":
            heading.drop_tree()
    return page


def _array(items: object) -> str:
    return "(" + "".join(f"{item}, " for item in items) + ")"  # type: ignore[attr-defined]


def _numeral(number: int) -> str:
    """1 to 99 in Chinese."""
    tens, ones = divmod(number, 10)
    digits = ["", *"一二三四五六七八九"]
    return (("" if tens == 1 else digits[tens]) + "十" if tens else "") + digits[ones]


def alphabetic(text: str) -> tuple[bool, bytes]:
    """Latin first, then Han by pinyin: GB 18030 has the common characters in that order."""
    return (not text[:1].isascii(), text.lower().encode("gb18030"))
