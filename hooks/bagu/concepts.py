"""The glossary: ``docs/concepts/*.yml`` read and checked, and its terms found in the finished HTML of a page.

A page's first mention of a concept becomes a link by itself. It is looked for in what Markdown has made, so that code,
formulas, headings and links are known for what they are; Aho-Corasick finds all names in one pass.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import yaml

from .cache import Memo
from .errors import Finding
from .project import LABEL, Loader, Project
from .snippet import content_key

KEYS = ("id", "zh", "en", "aliases", "definition", "home")


@dataclass(frozen=True)
class Concept:
    """A glossary term. ``home`` is the id of the article that explains it; ``lines`` are those of its keys."""

    id: str
    zh: str
    en: str
    aliases: tuple[str, ...]
    definition: str
    home: str
    path: str
    line: int
    lines: dict[str, int] = field(default_factory=dict, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """All names, each once."""
        return tuple(dict.fromkeys((self.zh, self.en, *self.aliases)))

    @property
    def title(self) -> str:
        """The term and its definition in one line."""
        english = f"（{self.en}）" if self.en != self.zh else ""
        return f"{self.zh}{english}：{self.definition}"


# --- Reading ---------------------------------------------------------------------------------------------------------


def load(project: Project) -> tuple[dict[str, Concept], list[Finding]]:
    """The concepts by id, and what is wrong with their files. A file without faults isn't parsed again."""
    memo = Memo(project.cache / "concepts.json", content_key(Path(__file__).read_bytes()))
    entries, findings = [], []
    for file in sorted((project.docs / "concepts").glob("*.yml")):
        raw, name = file.read_bytes(), project.relative(file)
        key = content_key(name, raw)
        kept = memo.get(key)
        if kept is None:
            kept, faults = _read(name, raw)
            findings += faults
            if not faults:
                memo.put(key, kept)
        entries += [(name, entry) for entry in kept]
    memo.save()
    concepts: dict[str, Concept] = {}
    for name, entry in entries:
        concept = Concept(path=name, **{**entry, "aliases": tuple(entry["aliases"])})
        if other := concepts.get(concept.id):
            message = f"the concept `{concept.id}` stands twice (also in {other.path}:{other.line}); keep one"
            findings.append(Finding(name, concept.line, message, rule="L-05"))
        if concept.home not in project.questions:
            close = difflib.get_close_matches(concept.home, project.questions, n=1)
            hint = f"did you mean `{close[0]}`?" if close else "enter it there first"
            message = f"the home `{concept.home}` is no id of docs/questions.yml; {hint}"
            findings.append(Finding(name, concept.lines.get("home", concept.line), message, rule="L-05"))
        concepts[concept.id] = concept
    return concepts, findings + list(_claims(concepts.values()))


def _read(name: str, raw: bytes) -> tuple[list[dict], list[Finding]]:
    """The entries of one file as ``Concept`` takes them, and what is wrong with it by itself."""
    found: list[dict] = []
    findings: list[Finding] = []

    def fault(line: int, message: str) -> None:
        findings.append(Finding(name, line, message, rule="L-05"))

    try:
        source = raw.decode("utf-8")
        node, data = yaml.compose(source, Loader=Loader), yaml.load(source, Loader=Loader)  # noqa: S506 - safe
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        fault(mark.line + 1 if mark else 0, f"not valid YAML: {getattr(error, 'problem', None) or error}")
        return found, findings
    if data is None:
        return found, findings
    if not isinstance(data, list):
        fault(1, "the file isn't a list of concepts")
        return found, findings
    for item, entry in zip(node.value, data, strict=True):
        line = item.start_mark.line + 1
        if not isinstance(entry, dict) or set(entry) != set(KEYS):
            lacks = ", ".join(sorted(set(KEYS) - set(entry))) if isinstance(entry, dict) else ""
            said = f"; this one lacks {lacks}" if lacks else ""
            fault(line, f"a concept has exactly the keys {', '.join(sorted(KEYS))}{said}")
            continue
        texts = [entry[key] for key in KEYS if key != "aliases"]
        aliases = entry["aliases"] if isinstance(entry["aliases"], list) else [None]
        if not all(isinstance(value, str) and value.strip() for value in (*texts, *aliases)):
            fault(line, "a concept's values are texts, and `aliases` a list of texts")
            continue
        if not re.fullmatch(LABEL, entry["id"]):
            fault(line, f"`{entry['id']}` is no id (lower-case letters, digits, hyphens)")
        lines = {key.value: key.start_mark.line + 1 for key, _ in item.value}
        found.append({**entry, "line": line, "lines": lines})
    return found, findings


def folded(name: str) -> str:
    """What two spellings of one name have in common: case, blanks and hyphens aside."""
    return re.sub(r"[\s\-_‑–]+", "", name).casefold()


def _claims(concepts: Iterable[Concept]) -> Iterable[Finding]:
    """A name that two concepts claim: which one a mention means would be a guess."""
    owners: dict[str, tuple[Concept, int]] = {}
    for concept in concepts:
        for name in concept.names:
            key = "zh" if name == concept.zh else "en" if name == concept.en else "aliases"
            line = concept.lines.get(key, concept.line)
            owner, other = owners.setdefault(folded(name), (concept, line))
            if owner.id != concept.id:
                message = f"`{name}` names both `{owner.id}` and `{concept.id}`; leave it to one of them"
                yield Finding(concept.path, line, message, f"{owner.path}:{other}", rule="L-08")


@dataclass
class Exceptions:
    """``docs/concepts/exceptions.txt``, each entry with its line: English terms that need no concept, and words that
    mean something else in one article (``{article: {words: line}}``). Both are folded."""

    terms: dict[str, int] = field(default_factory=dict)
    elsewhere: dict[str, dict[str, int]] = field(default_factory=dict)
    path: str = "docs/concepts/exceptions.txt"


def exceptions(project: Project) -> Exceptions:
    """The reviewed exceptions: one a line, ``term`` or ``article: words``; ``#`` begins a comment. Raises OSError."""
    found = Exceptions()
    file = project.root / found.path
    lines = file.read_text("utf-8", errors="replace").splitlines() if file.is_file() else []
    for number, line in enumerate(lines, 1):
        article, colon, words = (part.strip() for part in line.partition("#")[0].partition(":"))
        if colon and article in project.questions:
            found.elsewhere.setdefault(article, {})[folded(words)] = number
        elif article:
            found.terms[folded(f"{article}{colon}{words}")] = number
    return found


# --- Finding terms in a page -----------------------------------------------------------------------------------------

# No link stands in these: code, formulas, headings, links, buttons, figures, and what is itself a control or a quotation.
# Those of the first kind don't hold others of their name.
_FLAT = (
    "a abbr bagu-math button code figcaption figure h[1-6] kbd label math pre samp script select style summary svg "
    "textarea th time title"
)
_CLASSES = "bagu-(?:cite|mark|meta|planned|proven|references|source|statement bagu-wrong)|katex"
_SHUT = re.compile(rf' class="(?:[^"]* )?(?:{_CLASSES})[ "]')
_NAME = re.compile(r"<([a-z][\w-]*)[^<>]*>")
_MARKUP = re.compile(
    rf"<(?:(?P<flat>{_FLAT.replace(' ', '|')})\b[^<>]*(?:(?<!/)>.*?</(?P=flat)\s*>|/>)"
    r'|(?P<math>span|div) class="arithmatex">[^<]*</(?P=math)>|!--.*?-->|[^<>]*>)|&#?\w+;',
    re.DOTALL,
)
_CONCEPT = re.compile(r'data-concept="([^"]+)"')
_MASK = "\n"
# Ordinary words that end where a term seems to begin (来自 + 训练 isn't 来 + 自训练): they are found first, and mean nothing.
_WORDS = "来自 源自 出自 取自 各自 独自 移动量 变动量 波动量 抖动量 轻量化 定量化 最早".split()
_LATIN = re.compile(r"[A-Za-z0-9_]")


@dataclass(frozen=True)
class Mention:
    """A concept's name in the HTML of a page, from ``start`` to ``end``."""

    concept: str
    start: int
    end: int


class Lexicon:
    """The names of all concepts, ready to be looked for. ``key`` changes with whatever decides what is found.

    A Latin name stands between word boundaries. Written all in lower case it is also found with capitals
    (``Layer norm``, ``Layer Norm``); any other is found as written, so that ``SAM`` isn't ``Sam``. A Chinese name is
    found wherever it stands; a single character is too little to go by. Where names overlap, the one that starts first
    is meant, and of those the longest.
    """

    def __init__(self, concepts: Iterable[Concept], elsewhere: Mapping[str, Iterable[str]] | None = None):
        concepts = list(concepts)
        self.elsewhere = {page: sorted(words) for page, words in sorted((elsewhere or {}).items())}
        entries = ("\n".join((c.id, c.home, *c.names)) for c in concepts)
        self.key = content_key(Path(__file__).read_bytes(), repr(self.elsewhere), *entries)
        self._concepts = concepts
        self._find: Callable[[str], list[tuple[int, int, int]]] | None = None

    def mentions(self, text: str) -> list[Mention]:
        """Every name in a text, in order, none inside another."""
        if self._find is None:
            from ahocorasick_rs import AhoCorasick

            self._owners = {form: term.id for term in self._concepts for name in term.names for form in forms(name)}
            self._forms = [*self._owners, *_WORDS]
            engine = AhoCorasick(self._forms)
            self._find = lambda text: engine.find_matches_as_indexes(text, overlapping=True)
        found = [hit for hit in self._find(text) if _bounded(text, hit[1], hit[2])]
        mentions, free = [], 0
        for form, start, end in sorted(found, key=lambda hit: (hit[1], -hit[2])):
            if start >= free:
                free = end
                if owner := self._owners.get(self._forms[form]):
                    mentions.append(Mention(owner, start, end))
        return mentions

    def first(self, html: str, page: str) -> list[Mention]:
        """The first mention of each concept in the HTML of the article ``page``, where a link may stand.

        Not of a concept whose home it is, nor of one that a link by hand has explained before, nor where the words mean
        something else in this article.
        """
        visible, by_hand = mask(html)
        seen = {concept.id for concept in self._concepts if concept.home == page}
        out = []
        words = self.elsewhere.get(page, ())
        for mention in self.mentions(visible):
            if mention.concept not in seen and folded(visible[mention.start : mention.end]) not in words:
                seen.add(mention.concept)
                if by_hand.get(mention.concept, mention.start) >= mention.start:
                    out.append(mention)
        return out


def forms(name: str) -> list[str]:
    """How a name is written in running text."""
    if len(name) < 2 or not name.isascii() or name != name.lower() or not name[0].isalpha():
        return [name] if len(name) > 1 else []
    titled = re.sub(r"(?<![A-Za-z])[a-z]", lambda m: m[0].upper(), name)
    return list(dict.fromkeys((name, name[0].upper() + name[1:], titled)))


def _bounded(text: str, start: int, end: int) -> bool:
    """Whether a hit isn't the inside of a longer Latin word, name or number (``Pre-LN``, ``F.dropout``, ``GPT2``)."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if _LATIN.match(text[start]) and re.search(r"[A-Za-z0-9_][-.]?$", before):
        return False
    return not (_LATIN.match(text[end - 1]) and re.match(r"[A-Za-z0-9_]|[-.][A-Za-z0-9_]", after))


def mask(html: str) -> tuple[str, dict[str, int]]:
    """The HTML with everything blanked but the text in which a link may stand, offsets as they were.

    Also where the first link by hand to each concept stands.
    """
    by_hand: dict[str, int] = {}
    if "data-concept" in html:
        for hand in _CONCEPT.finditer(html):
            by_hand.setdefault(hand[1], hand.start())
    parts, last = [], 0
    for shut in _SHUT.finditer(html):
        tag = _NAME.match(html, html.rfind("<", 0, shut.start()))
        if tag and tag.start() >= last:
            end = _end(html, tag[1], tag.end())
            parts += [html[last : tag.start()], _MASK * (end - tag.start())]
            last = end
    parts.append(html[last:])
    return _MARKUP.sub(lambda m: _MASK * len(m[0]), "".join(parts)), by_hand


def _end(html: str, name: str, start: int) -> int:
    """Where the element ends whose opening tag ends at ``start``."""
    depth = 1
    for tag in re.compile(rf"<(/?){name}\b[^<>]*>").finditer(html, start):
        depth += -1 if tag[1] else 1
        if not depth:
            return tag.end()
    return len(html)


def link(concept: Concept, address: str, text: str) -> str:
    """A term as a link (HTML); without an address, as words that explain themselves when pointed at."""
    where = f'href="{escape(address)}"' if address else 'tabindex="0"'
    tag = "a" if address else "span"
    return f'<{tag} class="bagu-concept" {where} data-concept="{concept.id}" title="{escape(concept.title)}">{text}</{tag}>'


def weave(html: str, mentions: Iterable[Mention], make: Callable[[str, str], str]) -> str:
    """The HTML with ``make(concept id, text)`` in the place of each mention."""
    out, last = [], 0
    for mention in mentions:
        out += [html[last : mention.start], make(mention.concept, html[mention.start : mention.end])]
        last = mention.end
    return "".join([*out, html[last:]])
