"""Formulas for paper: TeX to Typst by pandoc, all of a book at once, and the few that it gets wrong mended."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from .cache import Memo
from .errors import BaguError, Finding
from .snippet import content_key

Formula = tuple[str, bool]  # TeX, display

# Names that pandoc 3.9 writes and Typst 0.15 has under another name.
RENAMED = {"dot.circle": "dot.o", "times.circle": "times.o", "plus.circle": "plus.o", "minus.circle": "minus.o"}
_RENAMED = re.compile(r"(?<![\w.])(" + "|".join(map(re.escape, RENAMED)) + r")(?![\w.])")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_BREAK = "@@bagu@@"


def typst(formulas: Iterable[Formula], memo: Memo) -> dict[Formula, str]:
    """{formula: Typst} of every formula, delimiters included. Raises BaguError for those that pandoc can't read."""
    wanted = list(dict.fromkeys(formulas))
    found = {formula: memo.get(_key(formula)) for formula in wanted}
    lacking = [formula for formula, known in found.items() if known is None]
    if lacking:
        for formula, text in zip(lacking, _convert(lacking), strict=True):
            found[formula] = text
            memo.put(_key(formula), text)
    return found


def salt() -> str:
    """Changes with whatever decides how a formula is converted."""
    return content_key(importlib.metadata.version("pypandoc_binary"), Path(__file__).read_bytes())


def _key(formula: Formula) -> str:
    return content_key("formula", formula[0], str(formula[1]))


def _convert(formulas: Sequence[Formula]) -> list[str]:
    import pypandoc

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
    if done.stderr.strip():
        raise BaguError(
            Finding("book", 0, f"pandoc can't typeset a formula; write it in another way: {done.stderr.strip()}")
        )
    return [mended(part.strip()) for part in done.stdout.split(_BREAK)[:-1]]


def prepared(tex: str) -> str:
    """TeX as pandoc reads it right."""
    return tex


def mended(text: str) -> str:
    """Typst math as Typst reads it right; what stands in quotes is left alone."""
    out, at = [], 0
    for quoted in _QUOTED.finditer(text):
        out += [_RENAMED.sub(lambda m: RENAMED[m[1]], text[at : quoted.start()]), quoted[0]]
        at = quoted.end()
    return "".join([*out, _RENAMED.sub(lambda m: RENAMED[m[1]], text[at:])])
