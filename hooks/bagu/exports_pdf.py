"""Typeset documents joined into one PDF: links between them, bookmarks, page labels; the same input, the same bytes."""

from __future__ import annotations

import datetime
import functools
import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCHEME = "bagu:"  # of the links in a unit that lead to a label of any unit
ABOVE = 14  # points above a place that a link leads to, so that its line is seen as a whole


@dataclass(frozen=True)
class Heading:
    """A bookmark: ``level`` from 0, ``label`` of the place, "" for the unit's first page."""

    level: int
    text: str
    label: str


@dataclass
class Unit:
    """A document that is typeset by itself.

    ``prefix`` of its page numbers ("17"), "" where none are printed; ``labels`` are the places that are asked for, and
    ``places`` where they turned out to be: {label: (page from 0, points from the page's top)}.
    """

    name: str
    prefix: str
    body: str
    labels: list[str]
    headings: list[Heading]
    figures: dict[str, str] = field(default_factory=dict)
    pdf: Path = Path()
    places: dict[str, tuple[int, float]] = field(default_factory=dict)
    kept: str = ""  # under which key its making is kept, "" for none
    counts: dict[str, int] = field(default_factory=dict)  # what was laid out


class Binding:
    """One PDF of many. Units are added while others are still made; links are resolved when it is saved."""

    def __init__(self) -> None:
        import pikepdf

        self.book = pikepdf.new()
        self.units: list[Unit] = []
        self.pages: list[list[Any]] = []  # by unit
        self.links: list[tuple[Any, str]] = []  # (annotation, label) of what leads into the book

    def add(self, unit: Unit, first: bool = False) -> None:
        """Put a unit behind all others, or before them."""
        import pikepdf

        with pikepdf.open(unit.pdf) as part:
            pages = [self.book.copy_foreign(page.obj) for page in part.pages]
        for page in pages:
            for link in page.get("/Annots", []):
                action = link.get("/A")
                address = str(action.get("/URI", "")) if action is not None else ""
                if address.startswith(SCHEME):
                    del link["/A"]
                    self.links.append((link, address.removeprefix(SCHEME)))
        at = 0 if first else len(self.units)
        self.units.insert(at, unit)
        self.pages.insert(at, pages)

    def save(self, output: Path, title: str, author: str, moment: datetime.datetime) -> None:
        """Write it beside ``output`` and rename it. Raises KeyError for a link to a label that no unit has."""
        import pikepdf

        pages, tree = list(itertools.chain(*self.pages)), self.book.Root.Pages
        for page in pages:  # at once: added to the tree one by one, each would cost as much as all before it
            page.Parent = tree
        tree.Kids, tree.Count = pikepdf.Array(pages), len(pages)
        heights = [float(page.MediaBox[3]) for page in pages]
        starts = [0, *itertools.accumulate(map(len, self.pages))][:-1]
        where = {
            name: (start + page, top)
            for start, unit in zip(starts, self.units, strict=True)
            for name, (page, top) in unit.places.items()
        }

        @functools.cache
        def destination(number: int, top: float) -> pikepdf.Array:
            return pikepdf.Array([pages[number], pikepdf.Name.XYZ, 0, round(heights[number] - top + ABOVE, 2), None])

        for link, name in self.links:
            link["/Dest"] = destination(*where[name])
        _bookmarks(self.book, self.units, starts, where, destination)
        labels = [
            item for start, unit in zip(starts, self.units, strict=True) for item in (start, _page_label(unit.prefix))
        ]
        self.book.Root["/PageLabels"] = pikepdf.Dictionary(Nums=pikepdf.Array([_object(item) for item in labels]))
        self.book.Root["/PageMode"] = pikepdf.Name.UseOutlines
        self.book.Root["/Lang"] = pikepdf.String("zh-CN")
        stamp = moment.strftime("D:%Y%m%d%H%M%SZ")
        for key, value in {"/Title": title, "/Author": author, "/CreationDate": stamp, "/ModDate": stamp}.items():
            self.book.docinfo[key] = value
        output.parent.mkdir(parents=True, exist_ok=True)
        partial = output.with_name(f".{output.name}.partial")
        try:
            self.book.save(partial, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            os.replace(partial, output)
        finally:
            partial.unlink(missing_ok=True)


def _page_label(prefix: str) -> dict[str, Any]:
    return {"/S": "/D", "/P": f"{prefix}-"} if prefix else {"/S": "/r"}


def _object(item: int | dict[str, str]) -> Any:
    import pikepdf

    if isinstance(item, int):
        return item
    return pikepdf.Dictionary({k: pikepdf.Name(v) if v.startswith("/") else pikepdf.String(v) for k, v in item.items()})


def _bookmarks(book: Any, units: Sequence[Unit], starts: Sequence[int], where: dict, destination: Any) -> None:
    import pikepdf

    with book.open_outline() as outline:
        last: dict[int, Any] = {}
        for start, unit in zip(starts, units, strict=True):
            for heading in unit.headings:
                place = destination(*where[heading.label]) if heading.label else destination(start, 0.0)
                item = pikepdf.OutlineItem(heading.text, destination=place)
                item.is_closed = heading.level > 0
                above = next((last[level] for level in range(heading.level - 1, -1, -1) if level in last), None)
                (above.children if above is not None else outline.root).append(item)
                last = {level: kept for level, kept in last.items() if level < heading.level} | {heading.level: item}
