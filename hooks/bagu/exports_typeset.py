"""Typst, one document at a time, each kept under the digest of whatever decides how it looks."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from .errors import BaguError, Finding
from .exports_listing import string
from .exports_pdf import Unit
from .snippet import content_key

COUNTED = ("formula", "head-formula", "figure")  # labels
EPOCH = datetime.datetime.fromtimestamp(0, datetime.timezone.utc)  # a unit has no date of its own
STYLE = Path(__file__).parent / "book" / "book.typ"
FORGETTING = 4  # Typst keeps what the last ten documents used, 17 MB each; so many empty ones after each make it two


class Typesetter:
    """Typesets units in ``scratch``, keeps their PDFs in ``cache``; several may share these.

    ``fonts`` are folders.
    """

    def __init__(self, scratch: Path, cache: Path, fonts: list[str]):
        import typst

        self.scratch, self.cache = scratch, cache
        self.fonts = typst.Fonts(include_system_fonts=False, font_paths=fonts)
        (scratch / "figures").mkdir(exist_ok=True)
        shutil.copy(STYLE, scratch)
        cache.mkdir(parents=True, exist_ok=True)
        (scratch / "empty.typ").write_text("", "utf-8")
        self.empty = typst.Compiler(str(scratch / "empty.typ"), root=str(scratch), font_paths=self.fonts)
        faces = [
            f"{font.family} {font.style} {font.weight} {os.path.getsize(font.path)}"
            for font in self.fonts.fonts()
            if font.path
        ]
        self.salt = content_key(importlib.metadata.version("typst"), STYLE.read_bytes(), *sorted(faces))

    def unit(self, unit: Unit) -> Unit:
        """The unit with its PDF and places. Raises BaguError with what Typst says."""
        import typst

        labels = ", ".join(f"<{name}>" for name in unit.labels)
        source = (
            f'#import "book.typ": *\n#show: book.with(prefix: {string(unit.prefix)})\n{unit.body}\n#places({labels})\n'
        )
        figures = [part for item in sorted(unit.figures.items()) for part in item]
        key = content_key(self.salt, source, *figures)
        unit.pdf, facts = self.cache / f"{key}.pdf", self.cache / f"{key}.json"
        try:
            _fill(unit, json.loads(facts.read_text("utf-8")))
            if unit.pdf.is_file():
                return unit
        except (OSError, ValueError):
            pass
        for name, svg in unit.figures.items():
            (self.scratch / "figures" / name).write_text(svg, "utf-8")
        main = self.scratch / f"{unit.name}.typ"
        main.write_text(source, "utf-8")
        try:
            compiler = typst.Compiler(str(main), root=str(self.scratch), font_paths=self.fonts)
            made = compiler.compile(pdf_tags=False, timestamp=EPOCH)
            found = {
                "places": json.loads(compiler.query("<places>", field="value", one=True)),
                "counts": {name: len(json.loads(compiler.query(f"<{name}>"))) for name in COUNTED},
            }
        except typst.TypstError as error:
            said = str(getattr(error, "diagnostic", "") or error)
            raise BaguError(Finding(f"book: {unit.name}", 0, "Typst can't typeset it", detail=said)) from None
        for _ in range(FORGETTING):
            self.empty.compile(format="svg")
        _fill(unit, found)
        for path, content in ((unit.pdf, made), (facts, json.dumps(found).encode())):
            partial = path.with_name(f".{path.name}")
            partial.write_bytes(content)
            os.replace(partial, path)
        return unit


def tidy(cache: Path, units: Iterable[Unit]) -> None:
    """Forget what no book has used for a month."""
    used, oldest = {name for unit in units for name in (unit.pdf.stem, unit.kept)}, time.time() - 30 * 86400
    for file in cache.iterdir():
        if file.stem in used:
            os.utime(file)
        elif file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)


def _fill(unit: Unit, found: dict) -> None:
    unit.places = {name: (page - 1, top) for name, page, top in found["places"]}
    unit.counts = found["counts"]
