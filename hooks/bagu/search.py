"""The search index: what a reader may look for, cut into terms and written as MiniSearch serialises an index.

The worker in the browser (``overrides/assets/search/worker.js``) cuts queries by the same rules. Both read the table
``search.json``: the Python here when the index is made, the worker from the index, so that neither can differ by it.
"""

from __future__ import annotations

import contextlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from html.parser import HTMLParser
from pathlib import Path

from . import glossary
from .article import HEADINGS, Article
from .cache import Memo, version
from .corpus import Corpus
from .project import write_atomically
from .snippet import content_key

TABLE = json.loads(Path(__file__).with_name("search.json").read_text("utf-8"))
FIELDS = tuple(TABLE["fields"])
COHESION = 12  # times as often as by chance
PROSE = ("summary", "heading", "text", "code")
MADE = "<!-- bagu:"  # in a page that is made from what other pages say
SCRIPTS = ("assets/minisearch/minisearch.js", "assets/search/worker.js")
WRONG = "流传的错误说法："
ADDRESS = "search/index.js"  # below the site's root; the worker knows it too
_COMMENT = re.compile(r"^[ \t]*(?:/\*.*?\*/[ \t]*|//[^\n]*)\n", re.DOTALL | re.MULTILINE)


def bare(script: str) -> str:
    """A script without the comments that have lines of their own and without indentation: a third as long."""
    return re.sub(r"^[ \t]+", "", _COMMENT.sub("", script), flags=re.MULTILINE)


# --- Terms: the same in worker.js, and compared by tests/test_search.py ----------------------------------------------

_TOKEN = re.compile(f"[{TABLE['han']}]+|[{TABLE['word']}]+(?:(?:[-_]|\\.(?![0-9]))[{TABLE['word']}]+)*")
_WORD = re.compile(f"[{TABLE['word']}]+")
_PARTICLE = re.compile(f"[{TABLE['split']}]")
_HUMP = re.compile("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class _Folded(dict):
    """A code point without marks, width and other dress, in simplified form; its case stays."""

    def __missing__(self, code: int) -> str:
        plain = "".join(c for c in unicodedata.normalize("NFKD", chr(code)) if unicodedata.category(c) != "Mn")
        self[code] = folded = "".join(simplified().get(c, c) for c in plain)
        return folded


@cache
def simplified() -> dict[str, str]:
    """{traditional: simplified} of single characters, from OpenCC's dictionary."""
    import opencc  # its own import parses nothing; only an index that is out of date comes here

    file = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    pairs = (line.split("\t") for line in file.read_text("utf-8").splitlines() if "\t" in line)
    return {old: new.split(" ")[0] for old, new in pairs if old != new.split(" ")[0]}


_FOLDED = _Folded()


def fold(text: str) -> str:
    """A text character by character without accents, full width and traditional forms.

    >>> fold("ＦｌａｓｈAttention 梯度爆炸問題 ﬁné")
    'FlashAttention 梯度爆炸问题 fine'
    """
    return text if text.isascii() else text.translate(_FOLDED)


def terms(text: str) -> list[str]:
    """The terms of a text. Of Han: each pair of neighbours between particles, or a character that stands alone. Of
    words: their parts, two neighbouring parts together, and the whole without its joints; two words that one space
    divides are also one term.

    >>> terms("梯度的消失 past_key_values")
    ['梯度', '消失', 'past', 'key', 'values', 'pastkey', 'keyvalues', 'pastkeyvalues']
    """
    text, found = fold(text), []
    before, end = "", -2  # the word before, and where it ended
    for match in _TOKEN.finditer(text):
        run = match[0]
        if not _WORD.match(run):
            pairs = (piece[n : n + 2] for piece in _PARTICLE.split(run) for n in range(len(piece) - 1))
            found += pairs if len(run) > 1 else [run]
            continue
        parts = [part.lower() for chunk in _WORD.findall(run) for part in _HUMP.split(chunk)]
        whole = "".join(parts)
        if len(parts) > 1:
            found += [part for part in parts if len(part) > 1]
        if len(parts) > 2:
            found += [a + b for a, b in zip(parts, parts[1:])]
        found.append(whole)
        if before and end == match.start() - 1 and text[end] == " " and len(parts) == 1:
            found.append(before + whole)
        before, end = whole if len(parts) == 1 else "", match.end()
    return found


# --- Documents -------------------------------------------------------------------------------------------------------


@dataclass
class Document:
    """One entry of the index: an article (its location has no ``#``) or a section of it.

    ``fields`` is what is looked for; ``title`` and ``text`` are what is shown; ``names`` are an article's title, aliases
    and concepts, which a query is compared with and which are proposed where nothing is found.
    """

    location: str
    title: str
    text: str
    fields: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)


class _Sections(HTMLParser):
    """A page's sections: [(id, kind, heading, text)], kind being h1, h2, h3, a correction or a followup.

    What is marked with data-search-exclude is left out, and so are programs, drawings and references.
    """

    TAGS = {"h1": "h1", "h2": "h2", "h3": "h3"}
    BLOCKS = ("bagu-refute", "bagu-correct", "bagu-followup")
    HEADS = ("bagu-wrong",)  # what heads a correction; a followup is headed by its <summary>
    SKIPPED = {"pre", "svg", "script", "style", "nav"}
    SKIPPED_CLASSES = {"headerlink", "bagu-cite", "bagu-mark", "bagu-source", "bagu-references", "bagu-stamp"}
    VOID = {"br", "img", "hr", "input", "wbr", "col", "source", "area", "base", "embed", "link", "meta", "track"}
    INLINE = {"a", "b", "code", "em", "i", "small", "span", "strong", "sub", "sup", "bagu-math", "abbr", "kbd", "mark"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str, list[str], list[str]]] = []
        self.open: list[tuple[int, int]] = []  # (depth, section to return to) of the blocks that stand open
        self.at = -1  # the section that text goes to
        self.depth = self.skip = self.head = 0  # skip, head: the depth at which one began

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.VOID:
            self._write(" ")
            return
        self.depth += 1
        if self.skip:
            return
        named = dict(attrs)
        classes = (named.get("class") or "").split()
        small = tag == "small"  # 待写
        if small or tag in self.SKIPPED or "data-search-exclude" in named or self.SKIPPED_CLASSES & {*classes}:
            self.skip = self.depth
            return
        if tag not in self.INLINE:
            self._write("\n")
        block = next((name for name in classes if name in self.BLOCKS), "")
        if block and named.get("id"):
            self.open.append((self.depth, self.at))
            self._begin(named["id"] or "", block)
        elif tag in self.TAGS and named.get("id"):
            self._begin(named["id"] or "", tag)
            self.head = self.depth
        elif not self.head and self.open and (tag == "summary" or {*classes} & {*self.HEADS}):
            self.head = self.depth

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID:
            return
        if self.skip == self.depth:
            self.skip = 0
        elif not self.skip and tag not in self.INLINE:
            self._write("\n")
        if self.head == self.depth:
            self.head = 0
        if self.open and self.open[-1][0] == self.depth:
            self.at = self.open.pop()[1]
        self.depth -= 1

    def handle_data(self, data: str) -> None:
        self._write(data)

    def _begin(self, id_: str, kind: str) -> None:
        self.found.append((id_, kind, [], []))
        self.at = len(self.found) - 1

    def _write(self, text: str) -> None:
        if not self.skip and self.at >= 0:
            self.found[self.at][2 if self.head else 3].append(text)


_MEMBER = re.compile(r"(?<=\w\.)[A-Za-z]\w{3,}")  # clip_grad_norm_ of torch.nn.utils.clip_grad_norm_
_NO_FORMULA = re.compile(r"<bagu-math\b[^>]*></bagu-math>")


def sections(html: str) -> list[tuple[str, str, str, str]]:
    """(id, kind, heading, text) of a page as Markdown left it."""
    parser = _Sections()
    parser.feed(_NO_FORMULA.sub("…", html))
    parser.close()
    return [(id_, kind, _spaced(heading), _spaced(text)) for id_, kind, heading, text in parser.found]


def _spaced(parts: Iterable[str]) -> str:
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def article_documents(page: Article, corpus: Corpus, html: str) -> list[Document]:
    """An article and its sections; of what its snippets show, the members they call."""
    meta = page.meta
    names = [meta["title"], *map(str, meta["aliases"])]
    for id_ in meta["concepts"]:
        if concept := corpus.concepts.get(id_):
            names += [concept.zh, concept.en, *concept.aliases]
    names = list(dict.fromkeys(names))
    code: dict[str, None] = {}
    for block in page.blocks:
        if block.path in corpus.snippets:
            for _, line in corpus.snippets[block.path].shown(block.region):
                code |= dict.fromkeys(_MEMBER.findall(line))
    fields = {
        "title": meta["title"],
        "names": "\n".join(names[1:]),
        "summary": "\n".join([meta["description"], *meta["points"]]),
    }
    return _with_sections(Document(page.url, meta["title"], meta["description"], fields, names), html, "\n".join(code))


def page_documents(url: str, title: str, description: str, html: str) -> list[Document]:
    """A page that answers no question: a lab, or one about the project; of pages made from data (no html) the title."""
    return _with_sections(Document(url, title, description, {"title": title, "summary": description}), html)


def glossary_documents(page: Article, corpus: Corpus) -> list[Document]:
    """The glossary, with an entry for each concept that no article explains yet; the others lead to their articles."""
    found = page_documents(page.url, page.meta["title"], page.meta.get("description", ""), "")
    for concept in corpus.concepts.values():
        if concept.home not in corpus.articles:
            names = "\n".join([concept.zh, concept.en, *concept.aliases])
            found.append(Document(f"{page.url}#{glossary.anchor(concept)}", concept.zh, "", {"names": names}))
    return found


def _with_sections(page: Document, html: str, code: str = "") -> list[Document]:
    """A page, which is found by the text of all its sections, and the sections, which are found by their headings."""
    found, texts = [], []
    for id_, kind, heading, text in sections(html):
        texts.append(text)
        if kind == "h1" or not text:
            continue
        title = f"{WRONG}{heading}" if kind in ("bagu-refute", "bagu-correct") else heading
        fields = {} if heading in HEADINGS else {"heading": heading}
        found.append(Document(f"{page.location}#{id_}", title, text, fields))
    page.fields |= {"text": "\n".join(texts), "code": code}
    return [page, *found]


# --- The index -------------------------------------------------------------------------------------------------------

Counted = dict[str, dict[str, int]]  # {field: {term: how often}}


def count(fields: dict[str, str]) -> Counted:
    """How often each term stands in each field."""
    return {name: dict(Counter(terms(text))) for name, text in fields.items()}


def chance(entries: Iterable[tuple[Document, Counted]]) -> set[str]:
    """The terms of prose that are not worth their bytes: numbers by themselves, and two neighbouring Han characters
    that meet by chance, hardly more often than if all were shuffled. Titles, names and summaries keep theirs.
    """
    often: Counter[str] = Counter()
    for _, counted in entries:
        for name in PROSE:
            often.update(counted.get(name, {}))
    pairs = {term: n for term, n in often.items() if len(term) == 2 and not _WORD.match(term)}
    first, second = Counter[str](), Counter[str]()
    for term, n in pairs.items():
        first[term[0]] += n
        second[term[1]] += n
    total = sum(pairs.values())
    by_chance = {t for t, n in pairs.items() if n * total < COHESION * first[t[0]] * second[t[1]]}
    return by_chance | {term for term in often if term.isdecimal()}


def serialise(entries: list[tuple[Document, Counted]], left_out: set[str]) -> dict:
    """The index that MiniSearch would make of the documents, in the shape of its ``toJSON`` (version 2).

    ``left_out`` are terms that the prose isn't found by; they count in a field's length all the same.
    """
    average = [0.0] * len(FIELDS)
    lengths: dict[str, list[int | None]] = {}
    postings: dict[str, dict[str, dict[str, int]]] = {}
    for number, (_, counted) in enumerate(entries):
        row: list[int | None] = []
        for at, name in enumerate(FIELDS):
            if name not in counted:
                continue
            row += [None] * (at - len(row)) + [len(counted[name])]
            average[at] = (average[at] * number + len(counted[name])) / (number + 1)  # as MiniSearch rounds it
            for term, often in counted[name].items():
                if name not in PROSE or term not in left_out:
                    postings.setdefault(term, {}).setdefault(str(at), {})[str(number)] = often
        if row:
            lengths[str(number)] = row
    return {
        "documentCount": len(entries),
        "nextId": len(entries),
        "documentIds": {str(n): document.location for n, (document, _) in enumerate(entries)},
        "fieldIds": {name: at for at, name in enumerate(FIELDS)},
        "fieldLength": lengths,
        "averageFieldLength": average,
        "storedFields": {str(n): stored(document) for n, (document, _) in enumerate(entries)},
        "dirtCount": 0,
        "index": sorted(postings.items(), key=lambda item: (json.dumps(item[1]), item[0])),  # packs best
        "serializationVersion": 2,
    }


def stored(document: Document) -> dict:
    """The fields that the index keeps of a document: one, what a result shows."""
    names = {"names": document.names} if document.names else {}
    return {"shown": {"title": document.title, "text": document.text, **names}}


_RUN = re.compile(r"<time data-run[^>]*>.*?</time>", re.DOTALL)


class Index:
    """The index of one build: pages come in one by one; what didn't change since the last build isn't read again."""

    def __init__(self, cache: Path):
        here = Path(__file__)
        salt = (here.read_bytes(), here.with_name("search.json").read_bytes(), version("opencc-python-reimplemented"))
        self.salt = content_key(*salt)
        self.cache = cache
        self.pages: dict[str, str] = {}  # HTML by source path
        self.made = ""

    def add(self, src: str, html: str) -> None:
        """Note what a page became, formulas and evidence still in their slots, and how long a run took left out."""
        self.pages[src], self.made = _RUN.sub("", html), ""

    def write(self, corpus: Corpus, site: Path) -> None:
        """Write the index below the folder of the site. Raises OSError."""
        write_atomically(site / ADDRESS, self.make(corpus))

    def make(self, corpus: Corpus) -> str:
        """The index as a script, made once of the pages noted so far. What programs print isn't in it, so it can be
        made while they run.
        """
        if self.made:
            return self.made
        sources = self._sources(corpus)
        digest = content_key(self.salt, *(key for key, _ in sources))
        kept = self.cache / "search.js"
        try:
            text = kept.read_text("utf-8")
        except (OSError, ValueError):
            text = ""
        if not text.startswith(f"// {digest}\n"):
            text = f"// {digest}\n{self._script(sources)}"
            with contextlib.suppress(OSError):  # a full disk: slower next time, nothing else
                write_atomically(kept, text)
        self.made = text
        return text

    def _sources(self, corpus: Corpus) -> list[tuple[str, Callable[[], list[Document]]]]:
        """(content key, how its documents are made) of each page, in an order that doesn't change."""
        sources: list[tuple[str, Callable[[], list[Document]]]] = []
        for page in sorted(corpus.pages.values(), key=lambda page: (not page.id, page.path)):
            html = self.pages.get(page.src, "")
            if page.id:
                make = partial(article_documents, page, corpus, html)
                about = [page.text, [asdict(corpus.concepts[c]) for c in page.meta["concepts"] if c in corpus.concepts],
                         [corpus.snippets[b.path].source for b in page.blocks if b.path in corpus.snippets]]  # fmt: skip
            elif page.src == glossary.SRC:
                unexplained = [c for c in corpus.concepts.values() if c.home not in corpus.articles]
                html, about = "", [page.text, [[c.id, c.zh, c.en, *c.aliases] for c in unexplained]]
                make = partial(glossary_documents, page, corpus)
            elif (page.meta.get("search") or {}).get("exclude"):
                continue
            else:
                html = "" if MADE in page.text else html
                about = [page.meta.get("title", page.src), page.meta.get("description", "")]
                make = partial(page_documents, page.url, *about, html)
            sources.append((content_key(page.src, html, json.dumps(about, ensure_ascii=False)), make))
        for lab in corpus.labs:
            html = self.pages.get(lab.page_src, "")
            url = lab.page_src.removesuffix(".md") + ".html"
            make = partial(page_documents, url, lab.title, lab.description, html)
            sources.append((content_key(url, lab.title, lab.description, html), make))
        return sources

    def _script(self, sources: list[tuple[str, Callable[[], list[Document]]]]) -> str:
        memo = Memo(self.cache / "search.json", self.salt)
        entries = []
        for key, make in sources:
            if (kept := memo.get(key)) is None:
                kept = [(asdict(document), count(document.fields)) for document in make()]
                memo.put(key, kept)
            entries += [(Document(**document), counted) for document, counted in kept]
        memo.save()
        return script(entries)


def script(entries: list[tuple[Document, Counted]]) -> str:
    """The index and what the worker needs to cut queries by the same rules, as a script that defines ``baguSearch``."""
    index = serialise(entries, chance(entries))
    own = {char for word in (*(term for term, _ in index["index"]), *TABLE["stop"], TABLE["split"]) for char in word}
    table = {name: value for name, value in TABLE.items() if name != "fields"}
    table["simplified"] = {old: new for old, new in simplified().items() if new in own}
    data = {"table": table, "index": index}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"var baguSearch = JSON.parse('{quoted}');\n"  # read in half the time that a literal takes
