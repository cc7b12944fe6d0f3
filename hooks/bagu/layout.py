"""The lines of a file: a paragraph in one line, blank lines where Markdown needs them, clean bytes; found and mended."""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import text as t
from .errors import Finding
from .formula import DISPLAY

_HAN_OR_WIDE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”]")
_CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
_ITEM = re.compile(r"(?P<indent> +)(?:[-*+]|\d+[.)])[ \t]")
_CROWDED = re.compile(r"#{1,6}(?=[^#\s])")  # a heading without its blank; Markdown here takes it, other readers don't
_KINDS = (
    ("close", re.compile(r" {0,3}/{3,}[ \t]*$")),
    ("open", re.compile(r"/{3,}")),
    ("heading", re.compile(r"#{1,6}[ \t]")),
    ("list", re.compile(r"(?:[-*+]|\d+[.)])[ \t]")),
    ("table", re.compile(r"\|")),
    ("quote", re.compile(r">")),
    ("html", re.compile(r"<|\*?\[[^\]]+\]:")),
    ("indented", re.compile(r"[ \t]")),
)


def line_kinds(text: str) -> list[str]:
    """What each line of a page is: blank, text, heading, list, table, quote, open, close, option, fence, math, html,
    indented, meta (front matter)."""
    head, body = t.split_front_matter(text)
    fenced = t.mask_fences(body)
    plain = re.sub(r"<!--.*?-->", lambda m: t.blank(m[0]), fenced, flags=re.DOTALL)
    math = DISPLAY.sub(lambda m: t.blank(m[0]), plain).split("\n")
    found: list[str] = []
    meta = head.count("\n") + 1 if head else 0
    rows = zip(text.split("\n"), fenced.split("\n"), plain.split("\n"), math, strict=True)
    for number, (line, unfenced, uncommented, formula) in enumerate(rows, 1):
        if number <= meta:
            found.append("meta")
        elif not line.strip():
            found.append("blank")
        elif not unfenced.strip():
            found.append("fence")
        elif not uncommented.strip():
            found.append("html")
        elif not formula.strip():
            found.append("math")
        elif found and found[-1] in ("open", "option") and line.startswith("    "):
            found.append("option")
        else:
            found.append(next((kind for kind, pattern in _KINDS if pattern.match(line)), "text"))
    return found


def _sublists(lines: list[str], kinds: list[str]) -> dict[int, str]:
    """{line, from 0: as it should be} of the items of sublists that aren't indented by four: Markdown makes them items of
    the list above. The steps of a list are those of its first sublist.
    """
    found: dict[int, str] = {}
    step, inside = 0, False
    for n, (line, kind) in enumerate(zip(lines, kinds, strict=True)):
        match = _ITEM.match(line)
        if kind == "list":
            step, inside = 0, True
        elif kind not in ("indented", "blank"):
            inside = False
        elif inside and kind == "indented" and match:
            step = step or len(match["indent"])
            depth = -(-len(match["indent"]) // step)
            if step < 4 and len(match["indent"]) != 4 * depth:
                found[n] = " " * 4 * depth + line.lstrip()
    return found


def _parted(before: str, behind: str) -> bool:
    """Whether a blank line belongs between two lines of these kinds."""
    if "blank" in (before, behind) or before == behind or behind == "close" or before == "html":
        return False
    if before in ("heading", "close", "meta"):
        return True
    if behind in ("list", "table", "quote"):
        return before in ("text", "list", "table", "quote", "math")
    return behind in ("heading", "open") or (before in ("list", "table", "quote") and behind == "text")


def _broken(lines: list[str], kinds: list[str], n: int) -> bool:
    """Whether line ``n`` (from 0) ends inside a paragraph, and not by a break that was asked for."""
    return kinds[n] == "text" == kinds[n + 1] and not lines[n].endswith(("\\", "<br>"))


def has_conflict(text: str) -> int:
    """The line of the first marker of an unresolved merge, 0 where there is none."""
    match = _CONFLICT.search(text)
    return t.line_of(text, match.start()) if match else 0


def findings(path: str, raw: bytes) -> Iterator[Finding]:
    """T-03, T-04, T-07, T-08 of one file; T-03 and T-07 of pages alone."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        yield Finding(
            path, raw.count(b"\n", 0, error.start) + 1, "not valid UTF-8; save the file as UTF-8", rule="T-04"
        )
        return
    if line := has_conflict(text):
        yield Finding(path, line, "a merge left its marker here; resolve the conflict and delete it", rule="T-08")
        return
    if text.startswith("\ufeff"):
        yield Finding(path, 1, "a byte order mark; save as UTF-8 without BOM, or `bagu check --fix`", rule="T-04")
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        yield Finding(path, line, "line ends are CR or CRLF; `bagu check --fix` makes them LF", rule="T-04")
    text = normal(text)
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield Finding(
                path, number, "white space at the end of the line; `bagu check --fix` takes it away", rule="T-04"
            )
    if text.strip() and (not text.endswith("\n") or text.endswith("\n\n")):
        yield Finding(path, len(lines), "a file ends with one newline; `bagu check --fix` does it", rule="T-04")
    if not path.endswith(".md"):
        return
    kinds = line_kinds(text)
    for n in _sublists(lines, kinds):
        message = "an item below another is indented by four; else it stands beside it: `bagu check --fix` indents it"
        yield Finding(path, n + 1, message, rule="T-07")
    for n, line in enumerate(lines):
        if kinds[n] == "text" and _CROWDED.match(line):
            yield Finding(path, n + 1, "a blank is missing behind the `#`; `bagu check --fix` adds it", rule="T-07")
    for n in range(len(lines) - 1):
        if _broken(lines, kinds, n):
            message = "the paragraph goes on in the next line; write it in one line, or `bagu check --fix`"
            yield Finding(path, n + 1, message, rule="T-03")
        if _parted(kinds[n], kinds[n + 1]):
            message = f"a blank line is missing before this {_NAMES[kinds[n + 1]]}; `bagu check --fix` adds it"
            yield Finding(path, n + 2, message, rule="T-07")


_NAMES = dict.fromkeys(("text", "math", "fence", "html", "indented", "option"), "paragraph") | {
    "heading": "heading", "list": "list", "table": "table", "quote": "quotation", "open": "block",
}  # fmt: skip


def fixed(path: str, text: str) -> str:
    """The text mended by T-03, T-04 and T-07."""
    text = "\n".join(line.rstrip() for line in normal(text).split("\n"))
    text = text.rstrip("\n") + "\n" if text.strip() else text
    if not path.endswith(".md"):
        return text
    lines, kinds, out = text.split("\n"), line_kinds(text), []
    for n, line in _sublists(lines, kinds).items():
        lines[n] = line
    for n, line in enumerate(lines):
        if kinds[n] == "text" and (match := _CROWDED.match(line)):
            line = f"{match[0]} {line[match.end() :]}"
        if n and _broken(lines, kinds, n - 1):
            wide = _HAN_OR_WIDE.match(out[-1][-1]) or _HAN_OR_WIDE.match(line)
            out[-1] += ("" if wide else " ") + line
            continue
        if n and _parted(kinds[n - 1], kinds[n]):
            out.append("")
        out.append(line)
    return "\n".join(out)


def normal(text: str) -> str:
    """The text without a byte order mark, its line ends LF."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
