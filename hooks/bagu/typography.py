"""Spacing and punctuation of Chinese prose, line by line, and the same corrected.

autocorrect decides between Chinese and Latin; it sees the text as a reader does. Code and formulas stand for a word,
links and emphasis for nothing, and whatever isn't prose (ids, paths, YAML keys, citations, HTML) is never changed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

import yaml

from . import text as t
from .errors import Finding
from .formula import DISPLAY
from .project import Loader

# What a character is: prose, opaque (never changed), one word (code, a formula), markup that a reader doesn't see.
PROSE, OPAQUE, WORD, MARKUP = "p", "o", "w", "m"
_STANDS_FOR = {OPAQUE: "\ue000", WORD: "X", MARKUP: ""}

_FENCES_AND_COMMENTS = re.compile(r"<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"(?<![\\`])(`+)(?!`)(?:.+?)(?<!`)\1(?!`)")
FORMULA = re.compile(r"(?<![\\$])\$(?![\s$])(?:\\.|[^$\\\n])+?(?<!\s)\$(?!\$)")
_OPAQUE = re.compile(
    r"\[@[^\[\]]+\]|<[^<>\n]+>|https?://[^\s）)，。]+|\{[:#.][^{}\n]*\}|\\.|^[ \t>]*(?:#{1,6}|[-*+]|\d+[.)])[ \t]+|\|"
    r"|^///.*$|^\*?\[[^\]\n]+\]:.*$",
    re.MULTILINE,
)
_MARKUP = re.compile(r"!?\[(?=[^\[\]\n]*\]\()|\]\([^()\s]*(?:[ ]\"[^\"\n]*\")?\)|\*{1,3}(?=\S)|(?<=\S)\*{1,3}")
_FOLLOWUP = re.compile(r"^///[ \t]*followup[ \t]*\|[ \t]*(?P<text>.*?)[ \t]*$", re.MULTILINE)
_OPTIONS = re.compile(r"^///[ \t]*(?:proof|refute|correct|followup)\b.*\n(?P<yaml>(?:    .*\n)+)", re.MULTILINE)

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_WIDE = dict(zip(",;:!?", "，；：！？", strict=True))
_BEHIND_HAN = re.compile(rf"(?<=[{_HAN}）”」》])[ ]*([,;:!?])[ ]*")
_STOP = re.compile(rf"(?<=[）”」》])\.(?=[ ]*(?:[{_HAN}]|$))")
_BEFORE_HAN = re.compile(rf"(?<=[A-Za-z0-9%)X])([,;:!?])[ ]*(?=[{_HAN}（“「《])")
# (注), (note) behind a Han character; a tuple, (b) or (0.9, 0.1), and what a function is given, max(强度), stay.
_BRACKETS = re.compile(
    rf"(?<![A-Za-z0-9])[ ]?\((?=[^()\ue000]*[{_HAN}])([^()\ue000]*)\)[ ]?|(?<=[{_HAN}])\(([A-Za-z][A-Za-z ./-]+)\)[ ]?"
    rf"|(?<![A-Za-z])(?!(?:max|min|arg\w+|log\w*|ln|exp|\w*softmax|sum|mean|var|std|sqrt|len|sigmoid|tanh)\()"
    rf"([A-Za-z][\w-]+)\(([{_HAN}][^()\ue000]*)\)[ ]?",
    re.ASCII,
)
_QUOTES = re.compile(rf'"(?=[^"\ue000]*[{_HAN}])([^"\ue000]*)"')
_WIDE_MARKS = "，。；：！？、（）《》「」"
_BESIDE_WIDE = re.compile(rf"(?<=[^\s\ue000])[ ]+(?=[{_WIDE_MARKS}])|(?<=[{_WIDE_MARKS}])[ ]+(?=[^\s\ue000])")
# What autocorrect leaves beside some marks: 26%；7 or 是−0.25.
_SPACE = re.compile(rf"(?<=[{_HAN}])(?=[−±]?[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[{_HAN}])")
NAMES = {"T-01": "spacing", "T-02": "punctuation"}


@dataclass(frozen=True)
class Edit:
    """Replace ``start:end`` of a text by ``new``; ``rule`` is T-01 (a space) or T-02 (a mark)."""

    start: int
    end: int
    new: str
    rule: str


def kinds(path: str, text: str) -> str:
    """What each character of a file is, one letter each; newlines count as opaque."""
    if path.endswith(".md"):
        made = _page(text)
    elif path.endswith(".py"):
        made = _lab(text)
    else:
        made = _yaml(text, 0, lambda key: key == "definition", [OPAQUE] * len(text))
    _inline(text, made)
    return "".join(OPAQUE if char == "\n" else kind for char, kind in zip(text, made, strict=True))


def visible(path: str, text: str) -> str:
    """The text with everything but its prose blanked, offsets kept."""
    return "".join(c if kind == PROSE or c == "\n" else " " for c, kind in zip(text, kinds(path, text), strict=True))


def edits(path: str, text: str) -> list[Edit]:
    """What is to be changed, in order; applied, they leave nothing to be changed."""
    made, found, start = kinds(path, text), [], 0
    for line in text.split("\n"):
        end = start + len(line)
        if PROSE in made[start:end] and re.search(f"[{_HAN}]", line):
            found += _line(text, made, start, end)
        start = end + 1
    return found


def apply(text: str, changes: list[Edit]) -> str:
    """The text with changes (in order, apart from each other) made."""
    out, last = [], 0
    for edit in changes:
        out += [text[last : edit.start], edit.new]
        last = edit.end
    return "".join([*out, text[last:]])


def findings(path: str, text: str) -> Iterator[Finding]:
    """One finding for each line and rule, with what to write instead."""
    by_line = groupby(edits(path, text), key=lambda edit: t.line_of(text, edit.start))
    for number, changes in by_line:
        kept = list(changes)
        for rule in NAMES:
            shown = [_shown(text, edit) for edit in kept if edit.rule == rule]
            if shown:
                more = f" (and {len(shown) - 3} more)" if len(shown) > 3 else ""
                message = f"{NAMES[rule]}: {'; '.join(shown[:3])}{more}; `bagu check --fix` writes it"
                yield Finding(path, number, message, rule=rule)


def _shown(text: str, edit: Edit) -> str:
    before = text[max(0, edit.start - 6) : edit.start].rpartition("\n")[2]
    behind = text[edit.end : edit.end + 6].partition("\n")[0]
    return f"write `{before}{edit.new}{behind}`"


# --- What is prose ---------------------------------------------------------------------------------------------------


def _set(made: list[str], start: int, end: int, kind: str) -> None:
    made[start:end] = kind * (end - start)


def _page(text: str) -> list[str]:
    made = [PROSE] * len(text)
    head, body = t.split_front_matter(text)
    if head:
        end = len(text) - len(body.lstrip(" \n")) if body.strip() else len(text)
        _set(made, 0, end, OPAQUE)
        _yaml(head, 3, lambda key: key in ("description", "points"), made)
    masked = t.mask_fences(body)
    for match in re.finditer(r"[^\n]+", body):
        if match[0].strip() and not masked[match.start() : match.end()].strip():
            _set(made, match.start(), match.end(), OPAQUE)
    for match in _FENCES_AND_COMMENTS.finditer(masked):
        _set(made, match.start(), match.end(), OPAQUE)
    for match in re.finditer(r"^///.*$", masked, re.MULTILINE):
        _set(made, match.start(), match.end(), OPAQUE)
    for match in _FOLLOWUP.finditer(masked):
        _set(made, match.start("text"), match.end("text"), PROSE)
    for match in _OPTIONS.finditer(masked):
        _set(made, match.start("yaml"), match.end("yaml"), OPAQUE)
        _yaml(match["yaml"], match.start("yaml"), lambda key: key in ("claim", "right", "alt"), made)
    return made


def _lab(text: str) -> list[str]:
    """Markdown cells of the percent format, without the ``# `` before each line."""
    made, inside, start = [OPAQUE] * len(text), False, 0
    for line in text.split("\n"):
        if line.startswith("# %%"):
            inside = "[markdown]" in line
        elif inside and line.startswith("# "):
            _set(made, start + 2, start + len(line), PROSE)
        start += len(line) + 1
    return made


def _yaml(source: str, offset: int, wanted: Callable[[str], bool], made: list[str]) -> list[str]:
    """Mark the texts under the keys that are ``wanted``, wherever they stand; a source that isn't YAML has none."""
    try:
        node = yaml.compose(source, Loader=Loader)
    except yaml.YAMLError:
        return made
    index = _indices(source)

    def mark(node: yaml.Node) -> None:
        if isinstance(node, yaml.ScalarNode):
            start, end = (index(m.line, m.column) for m in (node.start_mark, node.end_mark))
            if node.style in ('"', "'"):
                start, end = start + 1, end - 1
            elif node.style in ("|", ">"):
                start = source.index("\n", start)
            _set(made, offset + start, offset + end, PROSE)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                mark(item)

    def walk(node: yaml.Node | None) -> None:
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                walk(item)
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and wanted(key.value):
                    mark(value)

    walk(node)
    return made


def _indices(source: str) -> Callable[[int, int], int]:
    """The offset of a line and a column, both from 0 (libyaml's own index counts bytes in some versions)."""
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return lambda line, column: min(starts[line] + column, len(source))


def _inline(text: str, made: list[str]) -> None:
    """Mark code, formulas, citations, HTML and markup inside the prose."""

    rest = "".join(c if kind == PROSE or c == "\n" else " " for c, kind in zip(text, made, strict=True))
    for pattern, kind in ((_CODE, WORD), (DISPLAY, OPAQUE), (FORMULA, WORD), (_OPAQUE, OPAQUE), (_MARKUP, MARKUP)):
        for match in pattern.finditer(rest):
            _set(made, match.start(), match.end(), kind)
        rest = pattern.sub(lambda match: t.blank(match[0]), rest)


# --- What is to be changed -------------------------------------------------------------------------------------------


def _line(text: str, made: str, start: int, end: int) -> Iterator[Edit]:
    seen: list[tuple[str, int, int]] = []  # what a reader sees, with the source of each character
    place = start
    for kind, run in groupby(made[start:end]):
        length = len(list(run))
        if kind == PROSE:
            seen += [(text[n], n, n + 1) for n in range(place, place + length)]
        elif kind != MARKUP:
            seen.append((_STANDS_FOR[kind], place, place + length))
        place += length
    old = "".join(char for char, _, _ in seen)
    new = _corrected(old)
    if new == old:
        return
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        wanted = new[k:m]
        if tag == "insert":
            at = _gap(text, made, seen[i - 1][2] if i else start, seen[i][1] if i < len(seen) else end)
            yield Edit(at, at, wanted, "T-01" if not wanted.strip() else "T-02")
            continue
        first, last = seen[i][1], seen[j - 1][2]
        beside = made[max(start, first - 1) : first] + made[last : last + 1]
        if made[first:last].strip(PROSE) or (not wanted and MARKUP in beside):  # not prose, or parted by markup: stays
            continue
        yield Edit(first, last, wanted, "T-01" if not (wanted + old[i:j]).strip() else "T-02")


def _gap(text: str, made: str, start: int, end: int) -> int:
    """Where a space goes between two characters that markup parts: behind what closes, before what opens."""
    place = start
    while place < end and made[place] == MARKUP:
        closes = text[place] == "]" or (text[place] == "*" and text[:place].rpartition("\n")[2].count("**") % 2 == 1)
        if not closes:
            return place
        while place < end and made[place] == MARKUP:
            place += 1
            if text[place - 1] == ")" or (text[place - 1] == "*" and text[place : place + 1] != "*"):
                break
    return place


def _corrected(line: str) -> str:
    from autocorrect_py import format

    lead = re.match(r"\s*", line)[0]  # type: ignore[index]
    body = line[len(lead) :]
    tail = body[len(body.rstrip()) :]
    body = body.rstrip()
    for _ in range(3):  # one change may make room for another
        before = body
        body = _STOP.sub("。", _BEHIND_HAN.sub(_wide, body))
        body = _BEFORE_HAN.sub(_wide, body)
        body = _QUOTES.sub(r"“\1”", body)
        body = _BRACKETS.sub(lambda m: f"{m[3] or ''}（{(m[1] or m[2] or m[4] or '').strip()}）", body)
        body = format(body)
        body = _BESIDE_WIDE.sub("", _SPACE.sub(" ", body))
        if body == before:
            break
    return lead + body + tail


def _wide(match: re.Match[str]) -> str:
    """The full-width mark, unless an ASCII bracket is open: f(1, 强度) is notation."""
    before = match.string[: match.start()]
    return match[0] if before.count("(") > before.count(")") else _WIDE[match[1]]
