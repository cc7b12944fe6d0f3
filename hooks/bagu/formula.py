r"""Formulas: find them in an article, render them with KaTeX at build time, put them into the page.

KaTeX (``vendor/katex``) runs inside Python by the embedded engine of ``quickjs-ng``, so a reader needs no script and
a formula that KaTeX rejects is an error at its line.
"""

from __future__ import annotations

import hashlib
import html as html_entities
import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .project import write_atomically
from .text import blank, line_of, mask_code

KATEX = Path(__file__).parent / "vendor" / "katex"
CACHE_ENTRIES = 20_000

# KaTeX's own string is a rope, which the binding cannot convert; JSON.stringify makes it flat.
# A refused command would otherwise be typeset as red text instead of being reported.
_GLUE = r"""
function refuse(message, token) { throw new katex.ParseError(message, token); }
function strict(code, message, token) {
  if (code === "unicodeTextInMathMode") message += "; write prose inside \\text{...}";
  refuse(message, token);
}
function render(tex, display) {
  try {
    return JSON.stringify({html: katex.renderToString(tex, {
      displayMode: display, output: "htmlAndMathml", throwOnError: true, strict: strict,
      trust: (context) => refuse(context.command + " is not allowed"),
    })});
  } catch (error) {
    return JSON.stringify({message: error.rawMessage || String(error),
                           position: error.position === undefined ? null : error.position});
  }
}
"""


class FormulaError(Exception):
    """KaTeX rejects a formula: ``message`` is KaTeX's, ``position`` counts characters of the TeX from 0 or is None."""

    def __init__(self, message: str, position: int | None):
        super().__init__(message if position is None else f"{message} (at character {position + 1})")
        self.message = message
        self.position = position


class Formulas:
    """Renders formulas, each once: ``cache_file`` (None: none) keeps the HTML by content between builds.

    The engine starts at the first formula that isn't cached. A cache that is missing, damaged or can't be written
    costs time and nothing else.
    """

    def __init__(self, cache_file: Path | None):
        self._file = cache_file
        version = (KATEX / "VERSION").read_text(encoding="utf-8").strip()
        self._salt = f"{version}\0{_GLUE}\0".encode()
        self._known = _read_cache(cache_file)
        self._used: dict[str, str] = {}
        self._stale = False
        self._engine: tuple[int, Any] | None = None  # the thread that it belongs to, and its function

    def render(self, tex: str, display: bool) -> str:
        """HTML and MathML of a formula; the TeX is kept in MathML's annotation. Raises FormulaError."""
        key = hashlib.sha256(self._salt + (b"D" if display else b"I") + tex.encode("utf-8", "replace")).hexdigest()
        known = self._used.get(key) or self._known.get(key)
        if known is None:
            known = self._typeset(tex, display)
            self._stale = True
        self._used[key] = known
        return known

    def save(self) -> None:
        """Write the cache if it has grown, together with what other processes wrote meanwhile."""
        if self._file is None or not self._stale:
            return
        self._known = {**self._known, **_read_cache(self._file), **self._used}
        others = [key for key in self._known if key not in self._used]
        keep = [*others, *self._used][-CACHE_ENTRIES:]
        text = json.dumps({key: self._known[key] for key in keep}, ensure_ascii=False)
        try:
            write_atomically(self._file, text)
        except (OSError, ValueError):  # a full disk, half a surrogate: slower next time, nothing else
            return
        self._stale = False

    def close(self) -> None:
        """Save, and let the engine go."""
        self.save()
        self._engine = None

    def _typeset(self, tex: str, display: bool) -> str:
        thread = threading.get_ident()
        if self._engine is None or self._engine[0] != thread:
            import quickjs  # takes a while, so only when there is something to typeset

            # a context serves one thread; quickjs.Function serves all from a thread of its own, for half as much again
            context = quickjs.Context()
            context.eval((KATEX / "katex.min.js").read_text(encoding="utf-8") + _GLUE)
            self._engine = thread, context.get("render")
        answer = json.loads(self._engine[1](tex, display))
        if "html" in answer:
            return answer["html"]
        position = answer["position"]
        if position is not None:  # KaTeX counts UTF-16 units
            position = len(tex.encode("utf-16-le", "replace")[: 2 * position].decode("utf-16-le", "ignore"))
        raise FormulaError(answer["message"], position)


def _read_cache(file: Path | None) -> dict[str, str]:
    try:
        entries = json.loads(file.read_text(encoding="utf-8")) if file else {}
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(entries, dict):
        return {}
    return {key: value for key, value in entries.items() if isinstance(value, str) and value}


# --- In the page -----------------------------------------------------------------------------------------------------

_READABLE = re.compile(r"[A-Za-z0-9 .,=<>+/()-]{1,20}")
_SLOT = re.compile(
    r'(?P<before>[（《「『“]*)<bagu-math data-n="(?P<n>\d+)"(?P<extra>[^>]*)>[^<]*</bagu-math>(?P<after>[，。；：、！？）》」』”…％]*)'
)
_BASE = '<span class="katex-base">'
_IN_PAGE = re.compile(
    r"<(?P<raw>pre|code|script|style|textarea)\b.*?</(?P=raw)\s*>|<!--.*?-->"
    r'|<span class="arithmatex">\\\((?P<inline>[^<]*)\\\)</span>'
    r'|<div class="arithmatex">\s*\\\[(?P<display>[^<]*)\\\]\s*</div>',
    re.DOTALL | re.IGNORECASE,
)


def place_formulas(html: str, formulas: Formulas) -> tuple[str, list[str]]:
    r"""Replace the ``\(...\)`` and ``\[...\]`` of generic arithmatex in a page by slots; their rendered HTML, in order.

    A slot holds the TeX where it reads as plain text (``N``, ``d = 64``), for whoever reads the page before it is
    filled, and nothing where it doesn't. Code, scripts and comments are left alone. Raises FormulaError.
    """
    rendered: list[str] = []

    def replace(match: re.Match[str]) -> str:
        escaped = match["inline"] if match["inline"] is not None else match["display"]
        if escaped is None:
            return match[0]
        display = match["display"] is not None
        tex = html_entities.unescape(escaped).strip()
        rendered.append(formulas.render(tex, display))
        plain = html_entities.escape(tex) if _READABLE.fullmatch(tex) else ""
        extra = ' class="display" tabindex="0"' if display else ""
        return f'<bagu-math data-n="{len(rendered) - 1}"{extra}>{plain}</bagu-math>'

    return _IN_PAGE.sub(replace, html), rendered


def fill_formulas(html: str, rendered: Sequence[str]) -> str:
    """Put rendered formulas into the slots that ``place_formulas`` made.

    A full-width mark beside an inline formula stays on its line: browsers allow a break on both sides of the boxes that
    a formula is made of, even before a comma, unless all of it is ``nowrap``; then ``<wbr>`` gives back the breaks
    between the boxes.
    """

    def place(match: re.Match[str]) -> str:
        formula, before, after = rendered[int(match["n"])], match["before"], match["after"]
        if (before or after) and not match["extra"]:
            first, *rest = formula.split(_BASE)
            formula = _BASE.join([first, f"<wbr>{_BASE}".join(rest)]) if rest else first
            return f'<span class="bagu-unbroken">{before}<bagu-math>{formula}</bagu-math>{after}</span>'
        return f"{before}<bagu-math{match['extra']}>{formula}</bagu-math>{after}"

    return _SLOT.sub(place, html)


# --- In the article --------------------------------------------------------------------------------------------------

DISPLAY = re.compile(r"(?:\A|(?<=\n))(?P<lead>[ \t>]*)\$\$(?P<tex>(?:\\.|[^$\\])+?)\$\$[ \t]*(?=\n|\Z)", re.DOTALL)
_INLINE = re.compile(r"(?<![\\$])\$(?![\s$])(?P<tex>(?:\\.|[^$\\])+?)(?<!\s)\$(?!\$)", re.DOTALL)
_PARAGRAPH = re.compile(r"\n[ \t>]*\n")


@dataclass(frozen=True)
class Formula:
    """``tex`` as KaTeX gets it; ``line`` counts from 1 and is that of the opening delimiter."""

    tex: str
    display: bool
    line: int


def find_formulas(markdown: str) -> list[Formula]:
    """The formulas of Markdown without front matter: ``$…$`` in a line of text, ``$$…$$`` as a paragraph of its own.

    A scanner for locations, not a second Markdown: the build compares the number it finds with the number that
    Markdown makes, so that a formula which one of the two sees differently is an error and not a surprise.
    """
    visible = mask_code(markdown)
    found = []

    def display(match: re.Match[str]) -> str:
        found.append(Formula(_unquoted(match["tex"]), True, line_of(visible, match.start() + len(match["lead"]))))
        return blank(match[0])

    rest = DISPLAY.sub(display, visible)
    start = 0
    for end in [*(m.start() for m in _PARAGRAPH.finditer(rest)), len(rest)]:
        for match in _INLINE.finditer(rest, start, end):
            found.append(Formula(_unquoted(match["tex"]), False, line_of(rest, match.start())))
        start = end
    return sorted(found, key=lambda formula: formula.line)


def _unquoted(tex: str) -> str:
    return re.sub(r"\n[ \t]*>", "\n", tex).strip()
