"""The goldens: what people type, and the articles that answer it. ``tests/search/goldens/<folder>.tsv``, one a line:

    query <tab> id[,id2] <tab> kind

Whoever writes them sees the glosses of the question map and no article. A query's hash puts it into one of two halves:
aliases, weights and stop phrases may be tuned by looking at the first; the second is only measured.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "goldens"
KINDS = {"zh", "en", "mixed", "colloquial", "abbr", "typo", "trad", "question"}


@dataclass(frozen=True)
class Golden:
    """A query and the ids that answer it, any of them."""

    query: str
    ids: tuple[str, ...]
    kind: str
    where: str

    @property
    def tuned(self) -> bool:
        """Whether it is in the half that may be looked at."""
        return hashlib.sha256(self.query.encode()).digest()[0] % 2 == 0


def read(folder: Path = FOLDER) -> list[Golden]:
    """All goldens. Raises ValueError at the first line that is none."""
    found = []
    for file in sorted(folder.glob("*.tsv")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            where = f"{file.name}:{number}"
            cells = line.split("\t")
            if len(cells) != 3 or not all(cell.strip() for cell in cells) or cells[2] not in KINDS:
                raise ValueError(f"{where}: a golden is query, ids and kind ({', '.join(sorted(KINDS))}) between tabs")
            found.append(Golden(cells[0], tuple(cells[1].split(",")), cells[2], where))
    return found


@dataclass(frozen=True)
class Figures:
    """Shares of the queries, between 0 and 1, but for ``count`` and ``zero``, how many found nothing."""

    count: int
    first: float
    three: float
    mrr: float
    zero: int


def place(golden: Golden, found: list[str]) -> int:
    """The place of the first right id among those found, from 1; 0 where none is."""
    return next((n for n, id_ in enumerate(found, 1) if id_ in golden.ids), 0)


def figures(results: Iterable[tuple[Golden, list[str]]]) -> Figures:
    """What a search engine makes of goldens: [(golden, ids in the order found)]."""
    results = list(results)
    places = [place(golden, found) for golden, found in results]
    count = len(places) or 1
    return Figures(
        len(places),
        sum(p == 1 for p in places) / count,
        sum(1 <= p <= 3 for p in places) / count,
        sum(1 / p for p in places if p) / count,
        sum(not found for _, found in results),
    )


def misses(results: Iterable[tuple[Golden, list[str]]]) -> list[str]:
    """The queries whose answer isn't the first, the worst first, each with what stood there."""
    ranked = []
    for golden, found in results:
        at = place(golden, found)
        if at != 1:
            says = f"第 {at} 个" if at else "没有找到"
            ranked.append(
                (-(at or 99), golden.where, f"{golden.where} {golden.query} → {says}，先到 {', '.join(found[:3])}")
            )
    return [text for *_, text in sorted(ranked)]
