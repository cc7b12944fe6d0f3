"""Formulas for paper: TeX to Typst by pandoc, all of a book at once, and the few that it gets wrong mended."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .cache import Memo
from .errors import BaguError, Finding
from .snippet import content_key

Formula = tuple[str, bool]  # TeX, display

# Names that pandoc 3.9 writes and Typst 0.15 has under another name.
RENAMED = {
    "sect": "inter", "sect.double": "inter.double", "sect.big": "inter.big", "sect.sq": "inter.sq",
    "dot.circle": "dot.o", "dot.circle.big": "dot.o.big", "times.circle": "times.o", "times.circle.big": "times.o.big",
    "plus.circle": "plus.o", "plus.circle.big": "plus.o.big", "minus.circle": "minus.o", "dash.circle": "dash.o",
    "brace.l.double": "brace.l.stroked", "brace.r.double": "brace.r.stroked",
    "bracket.l.double": "bracket.l.stroked", "bracket.r.double": "bracket.r.stroked",
}  # fmt: skip
_NAME = re.compile(r"(?<![\w.\\#])[a-z]+(?:\.[a-z]+)*(?![\w.])")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
# What pandoc loses is marked by a text in the TeX, which comes out as a text, and becomes what it stands for.
_OPERATOR = re.compile(r"\\operatorname(\*?)\s*\{([A-Za-z ]+)\}")
_BAR = re.compile(r"\\([lr])vert(?![A-Za-z])")
_FRACTION = re.compile(r"\\([dt])frac\s*(?:\{|(\w)|(?=\\))")
_ROWS = re.compile(r"\\begin\{(aligned|cases)\}(.*?)\\end\{\1\}", re.DOTALL)
_MARKED = re.compile(r'(?:upright\()?"@op(\*?)@([A-Za-z ]+)"(?:\))?')
_MARKED_BAR = re.compile(r'(?:upright\()?"@([lr])v@"\)?')
_MARKED_FRACTION = re.compile(r'frac\((?:upright\()?"@([dt])f@"\)? ?')
# \big and its kin, for which pandoc enlarges the letter, off the axis; their sizes in em are TeX's.
_SCALED = re.compile(r"#scale\(x: (\d+)%, y: \1%\)\[(\\.|[^\]]+)\]")
_OPENING, _CLOSING = ("(", "[", "{", ".l", "⟨"), (")", "]", "}", ".r", "⟩")
_BREAK = "@@bagu@@"


def typst(formulas: Iterable[tuple[Formula, str]], memo: Memo) -> dict[Formula, str]:
    """{formula: Typst, delimiters included} of (formula, file that it stands in).

    Raises BaguError with every formula that pandoc can't read.
    """
    places = {formula: place for formula, place in reversed(list(formulas))}
    found = {formula: memo.get(_key(formula)) for formula in places}
    lacking = [formula for formula, known in found.items() if known is None]
    findings = []
    for formula, text in zip(lacking, _converted(lacking), strict=True):
        if not text.startswith("$"):
            message = f"pandoc can't put this formula on paper; write it in another way: {formula[0]}"
            findings.append(Finding(places[formula], 0, message))
            continue
        found[formula] = text
        memo.put(_key(formula), text)
    if findings:
        raise BaguError(findings)
    return found


def salt() -> str:
    """Changes with whatever decides how a formula is converted."""
    return content_key(importlib.metadata.version("pypandoc_binary"), Path(__file__).read_bytes())


def _key(formula: Formula) -> str:
    return content_key("formula", formula[0], str(formula[1]))


def _converted(formulas: Sequence[Formula]) -> Iterator[str]:
    """What ``_convert`` gives, by as many pandocs as there are cores."""
    size = max(200, -(-len(formulas) // (os.cpu_count() or 1)))
    parts = [formulas[start : start + size] for start in range(0, len(formulas), size)]
    with ThreadPoolExecutor() as pool:
        for texts in pool.map(_convert, parts):
            yield from texts


def _convert(formulas: Sequence[Formula]) -> list[str]:
    import pypandoc

    if not formulas:
        return []
    blocks = []
    for tex, display in formulas:
        kind = {"t": "DisplayMath" if display else "InlineMath"}
        blocks.append({"t": "Para", "c": [{"t": "Math", "c": [kind, prepared(tex)]}]})
        blocks.append({"t": "RawBlock", "c": ["typst", _BREAK]})
    document = {"pandoc-api-version": [1, 23], "meta": {}, "blocks": blocks}
    command = [pypandoc.get_pandoc_path(), "--from=json", "--to=typst", "--wrap=none"]
    done = subprocess.run(command, input=json.dumps(document), capture_output=True, encoding="utf-8")
    if done.returncode:
        raise RuntimeError(f"pandoc: {done.stderr.strip()}")
    return [mended(part.strip()) for part in done.stdout.split(_BREAK)[:-1]]


def prepared(tex: str) -> str:
    r"""TeX as pandoc reads it right.

    Marked, so that ``mended`` finds them again: operators, ``\lvert`` (pandoc writes a bar that is neither opening nor
    closing), ``\dfrac`` and ``\tfrac`` (it forgets their size). A gap goes between the pairs of columns of ``aligned`` and
    before the conditions of ``cases``, which Typst sets tight.
    """
    tex = _OPERATOR.sub(lambda m: rf"\text{{@op{m[1]}@{m[2]}}}", tex)
    tex = _BAR.sub(lambda m: rf"\text{{@{m[1]}v@}}", tex)
    tex = _FRACTION.sub(lambda m: rf"\frac{{\text{{@{m[1]}f@}}" + (f"{m[2]}}}" if m[2] else ""), tex)
    return _ROWS.sub(_spaced, tex)


def _spaced(match: re.Match[str]) -> str:
    name, gap, rows = match[1], r"\quad ", []
    for row in re.split(r"(\\\\)", match[2]):
        cells = row.split("&")
        for n in range(1, len(cells)):
            if name == "cases" or n % 2 == 0:
                cells[n - 1] += gap
        rows.append("&".join(cells))
    return rf"\begin{{{name}}}{''.join(rows)}\end{{{name}}}"


def mended(text: str) -> str:
    """Typst math with pandoc's known faults put right; what stands in quotes is left alone."""
    text = _MARKED.sub(_operator, text)
    text = _MARKED_BAR.sub(lambda m: f'class("{"opening" if m[1] == "l" else "closing"}", bar.v)', text)
    text = _MARKED_FRACTION.sub(lambda m: f"{m[1]}frac(", text)
    text = _SCALED.sub(_delimiter, text).replace("#h(-1em)", "#h(-0.1667em)")  # \!, a sixth of an em
    out, at = [], 0
    for quoted in [*_QUOTED.finditer(text), None]:
        part = text[at : quoted.start() if quoted else len(text)]
        out.append(_NAME.sub(lambda m: RENAMED.get(m[0], m[0]), part))
        if quoted:
            out.append(quoted[0])
            at = quoted.end()
    return "".join(out)


def _operator(match: re.Match[str]) -> str:
    return f'op("{match[2]}"{", limits: #true" if match[1] else ""})'


def _delimiter(match: re.Match[str]) -> str:
    sign = match[2]
    kind = "opening" if sign.endswith(_OPENING) else "closing" if sign.endswith(_CLOSING) else "normal"
    return f'class("{kind}", lr(size: #{int(match[1]) / 100:g}em, {sign}))'
