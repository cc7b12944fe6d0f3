"""Programs and outputs for paper: lines wrapped with a mark at a width in columns, never cut; colours kept."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from html import unescape

Token = tuple[str, str]  # (style, text); "" is plain

# What Pygments calls it in the page -> what the book's style sheet knows. Each change of colour costs the typesetter as
# much as a word, so numbers and built-in names have none, and an f-string is one string.
_STYLES = {"k": "k", "c": "c", "s": "s", "ow": "k", "nf": "f", "nc": "f", "nd": "f"}
MARK = "↪"
_LINE = re.compile(r'<span class="bagu-l"[^>]* data-l="(\d+)"[^>]*>')
_SPAN = re.compile(r'(?:<span(?: class="(\w*)")?>)?([^<]+)(?:</span>)?')
_ROWS = 24  # of a paragraph


def columns(text: str) -> int:
    """The width of a text in columns: a full-width character takes two."""
    if text.isascii():
        return len(text)
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else 0 if unicodedata.combining(char) else 1 for char in text
    )


def lines(html: str) -> list[tuple[str, list[Token]]]:
    """(number, tokens) of the lines of a listing, what stands in its ``<pre>`` in the page."""
    found = _LINE.split(html)[1:]
    return [(number, _tokens(line)) for number, line in zip(found[::2], found[1::2], strict=True)]


def _tokens(line: str) -> list[Token]:
    merged: list[Token] = []
    inside = 0  # braces of an f-string
    for name, text in _SPAN.findall(line.rstrip().removesuffix("</span>")):
        if name == "si":
            inside += text.count("{") - text.count("}")
        style = "s" if inside > 0 or name == "si" else _style(name)
        text = unescape(text) if "&" in text else text
        if merged and (merged[-1][0] == style or text.isspace()):
            merged[-1] = (merged[-1][0], merged[-1][1] + text)
        else:
            merged.append((style, text))
    return [(style, text.expandtabs(4)) for style, text in merged]


@functools.cache
def _style(name: str) -> str:
    return _STYLES.get(name[:2]) or _STYLES.get(name[:1], "")


def wrap(tokens: list[Token], width: int) -> list[list[Token]]:
    """The rows of one line, each at most ``width`` columns; rows after the first are indented under the first.

    A row ends behind a blank, a comma or an opening bracket where one stands in its second half, else at the width.
    """
    text = "".join(part for _, part in tokens)
    if columns(text) <= width:
        return [tokens]
    indent = min(len(text) - len(text.lstrip(" ")) + 4, width // 2)
    cuts, start, room = [], 0, width
    while columns(text[start:]) > room:
        end = start + _fitting(text[start:], room)
        nice = [m.end() for m in re.finditer(r"[ ,(\[{]+", text[start:end]) if m.end() > (end - start) // 2]
        start = start + nice[-1] if nice else end
        cuts.append(start)
        room = width - indent
    rows: list[list[Token]] = []
    for first, last in zip([0, *cuts], [*cuts, len(text)], strict=True):
        row = _slice(tokens, first, last)
        rows.append([("", " " * indent), *row] if rows else row)
    return rows


def _fitting(text: str, room: int) -> int:
    """How many characters of a text fit into ``room`` columns, at least one."""
    if text.isascii():
        return max(room, 1)
    used = 0
    for at, char in enumerate(text):
        used += columns(char)
        if used > room:
            return max(at, 1)
    return len(text)


def _slice(tokens: list[Token], first: int, last: int) -> list[Token]:
    out, at = [], 0
    for style, text in tokens:
        part = text[max(first - at, 0) : max(last - at, 0)]
        if part:
            out.append((style, part))
        at += len(text)
    return out


def string(text: str) -> str:
    """A text as a Typst string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def rows(lines: list[tuple[str, str, list[Token]]], width: int) -> str:
    """Typst of the rows of ``(number, label, tokens)``; a number or a label may be "" for none.

    Each row is a line of a paragraph, so that paragraphs break over pages as text does. A paragraph has some rows only:
    what Typst does for each word of a paragraph grows with the words before it.
    """
    out = []
    for number, label, tokens in lines:
        for n, row in enumerate(wrap(tokens, width)):
            head = "#w;" if n else f"#l({string(number.rjust(4) + ' ')});" if number else ""
            if label and not n:  # behind the number: before it, Typst counts it to the line above
                head += f"#spot(<{label}>);"
            body = "".join(f"#{style}({string(text)});" if style else f"#{string(text)};" for style, text in row)
            out.append(head + body)
    pieces = -(-len(out) // _ROWS)
    cuts = [len(out) * n // pieces for n in range(pieces + 1)]
    return "\n\n".join("\\\n".join(out[start:end]) for start, end in itertools.pairwise(cuts))


def plain_rows(text: str, width: int) -> str:
    """Typst of an output's rows: no numbers, a mark before what was wrapped."""
    return rows([("", "", [("", line)] if line else []) for line in text.rstrip("\n").split("\n")], width)
