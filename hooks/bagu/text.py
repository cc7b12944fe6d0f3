"""Reading Markdown with line numbers: front matter, masking of code, numbers in prose."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_FENCE = re.compile(r"^(?P<lead>[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*)(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)$")
_INLINE_CODE = re.compile(r"(?<![\\`])(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_NOT_NEWLINE = re.compile(r"[^\n]")
# A number that stands alone: not part of a name such as fp16, ZeRO-3, H100 or v2.
_NUMBER = re.compile(
    r"(?<![A-Za-z_\d.])(?<![A-Za-z]-)[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?(?![A-Za-z_\d])"
)
# The same with a unit glued to it (3x, 40GB): accepted in evidence, where a program has printed it.
_NUMBER_WITH_UNIT = re.compile(_NUMBER.pattern.removesuffix(r"(?![A-Za-z_\d])") + r"(?!\d)")


def blank(text: str) -> str:
    """The same text with every character but newlines turned into a space, so that offsets stay."""
    return _NOT_NEWLINE.sub(" ", text)


def split_front_matter(text: str) -> tuple[str, str]:
    """Split a page into (front matter, body), both with the lines of the other blanked out.

    Offsets and line numbers in either part are those of the file. A page without front matter gives ("", text).
    """
    match = re.match(r"---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|$)", text, re.DOTALL)
    if not match:
        return "", text
    head = "\n" + (match.group(1) or "")
    return head, blank(match.group(0)) + text[match.end() :]


def line_of(text: str, offset: int) -> int:
    """The line, counted from 1, of a character offset."""
    return text.count("\n", 0, offset) + 1


def mask_fences(body: str) -> str:
    """The body with fenced code blocks blanked, everything else in place."""
    return "\n".join(_fences(body)[0])


def open_fence(body: str) -> int:
    """The line, from 1, of the code fence that is never closed; 0 where there is none."""
    return _fences(body)[1]


def _fences(body: str) -> tuple[list[str], int]:
    """The lines of a body with fenced code blanked, and the line of the fence that is still open at the end, or 0."""
    out, fence, indent, lines, start = [], None, 0, body.split("\n"), 0
    for number, line in enumerate(lines):
        match = _FENCE.match(line)
        if fence is not None and line.strip() and len(line) - len(line.lstrip()) < indent:
            out[start:] = lines[start:number]  # less indented than its fence: Markdown doesn't take it for one
            fence = None
        if fence is None and match and not ("`" in match["info"] and match["fence"][0] == "`"):
            fence, start = match["fence"], number
            indent = len(match["lead"]) if not match["lead"].strip() else 0
            out.append(blank(line))
        elif fence is not None:
            out.append(blank(line))
            if (
                match
                and match["fence"][0] == fence[0]
                and len(match["fence"]) >= len(fence)
                and not match["info"].strip()
            ):
                fence = None
        else:
            out.append(line)
    return out, start + 1 if fence is not None else 0


def mask_code(body: str) -> str:
    """The body with fenced code, HTML comments and inline code blanked, everything else in place."""
    body = _COMMENT.sub(lambda m: blank(m.group(0)), mask_fences(body))
    # A code span doesn't cross a blank line; masking paragraph by paragraph keeps a stray backtick local.
    parts = re.split(r"(\n[ \t]*\n)", body)
    return "".join(_INLINE_CODE.sub(lambda m: blank(m.group(0)), part) for part in parts)


_HAN = r"\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\u201c\u201d"
_SOFT_BREAK = re.compile(rf"(?<=[{_HAN}])\n(?=[{_HAN}])")


def join_lines(body: str) -> str:
    """Markdown without the line breaks inside Chinese paragraphs, which browsers would show as spaces.

    Only where both neighbours are Han or full-width, outside fences, and not behind a heading, a table or a block.
    """
    masked = mask_fences(body)
    lines = masked.split("\n")

    def join(match: re.Match[str]) -> str:
        before = lines[masked.count("\n", 0, match.start())].lstrip()
        return "\n" if before.startswith(("#", "|", "/", "<", "=")) else ""

    out, last = [], 0
    for match in _SOFT_BREAK.finditer(masked):
        out += [body[last : match.start()], join(match)]
        last = match.end()
    return "".join([*out, body[last:]])


def plain(markdown: str) -> str:
    """Markdown stripped to the text that a reader sees (links, emphasis, code marks and math delimiters gone)."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    text = re.sub(r"\s*\[@[^\]]*\]", "", text)
    return re.sub(r"[`*_$]", "", text).strip()


def count_letters(text: str) -> int:
    """The number of letters, digits and Han characters of a text, Markdown stripped."""
    return sum(unicodedata.category(char)[0] in "LN" for char in plain(text))


_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_EXPONENT = re.compile("[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_POWER_OF_TEN = re.compile(rf"(?<![\d.])(?:(\d[\d.]*)\s*×\s*)?10({_EXPONENT.pattern})")


def numbers(text: str, units: bool = False) -> list[str]:
    """The numbers of a text as written (after NFKC), thousands separators removed.

    Digits that belong to a name (fp16, ZeRO-3, H100) don't count, nor does an exponent (0.02²), but 3 × 10⁻⁵ is one
    number. With ``units``, a number may carry a unit
    without a space (``3x``, ``1.5GiB``).
    """
    text = _POWER_OF_TEN.sub(lambda m: f"{m[1] or 1}e{m[2].translate(_RAISED)}", text)
    text = _EXPONENT.sub("", text)  # NFKC would make 0.022 of 0.02²
    normal = unicodedata.normalize("NFKC", re.sub("[，、；：。]", " ", text)).replace("\N{MINUS SIGN}", "-")
    pattern = _NUMBER_WITH_UNIT if units else _NUMBER
    return [match.group(0).replace(",", "") for match in pattern.finditer(normal)]


def measured(text: str, unit: str) -> list[str]:
    """The numbers of a text that a unit follows, a regular expression.

    >>> measured("8 outcomes, 2.80 times", "times"), measured("from 3% to 4.5 %", "%")
    (['2.80'], ['3', '4.5'])
    """
    normal = unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-")
    found = re.finditer(rf"(?P<n>{_NUMBER_WITH_UNIT.pattern})\s*(?:{unit})", normal)
    return [match["n"].replace(",", "") for match in found]


def agrees(written: str, evidence: str) -> bool:
    """Whether a number of the evidence, rounded to the precision of the number as written, equals it.

    >>> agrees("1.33", "1.3333"), agrees("1.34", "1.3333"), agrees("4", "4.0"), agrees("1e-3", "0.001")
    (True, False, True, True)
    """
    wanted, found = Decimal(written), Decimal(evidence)
    step = Decimal(1).scaleb(int(wanted.as_tuple().exponent))
    return abs(wanted - found) * 2 <= step if found != wanted else True
