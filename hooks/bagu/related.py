"""How articles lead to one another: what each needs, what needs it, whose text links to it; shown at its end."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape

from .article import Article
from .corpus import Corpus

SLOT = "<bagu-related></bagu-related>"  # where ``foot`` belongs, until all pages are converted
SHOWN = 6  # of who links here; the others are folded


@dataclass
class Network:
    """The links between articles. Everything is by article id, and lists come with what is asked most first."""

    corpus: Corpus
    mentions: dict[str, set[str]] = field(default_factory=dict)  # article -> concepts that its text links to

    def uses(self) -> dict[str, list[Article]]:
        """{concept: the articles whose text links to it, by itself or by hand}."""
        found: dict[str, list[Article]] = {}
        for page in by_frequency(self.corpus.articles.values()):
            for concept in self._linked(page):
                found.setdefault(concept, []).append(page)
        return found

    def needed_by(self) -> dict[str, list[Article]]:
        """{question: the articles that need it}."""
        found: dict[str, list[Article]] = {}
        for page in by_frequency(self.corpus.articles.values()):
            for need in page.meta["needs"]:
                found.setdefault(need, []).append(page)
        return found

    def linked_from(self) -> dict[str, list[Article]]:
        """{article: the articles whose text links to it}."""
        found: dict[str, list[Article]] = {}
        articles = self.corpus.articles
        for page in by_frequency(articles.values()):
            targets = {link.target for link in page.links if link.scheme == "article"}
            targets |= {self.corpus.concepts[concept].home for concept in self._linked(page)}
            for target in targets - {page.id}:
                if target in articles:
                    found.setdefault(target, []).append(page)
        return found

    def _linked(self, page: Article) -> set[str]:
        by_hand = {link.target for link in page.links if link.scheme == "concept"}
        return by_hand | self.mentions.get(page.id, set())


def by_frequency(pages: Iterable[Article]) -> list[Article]:
    """What is asked most first, then the easier, then by id."""
    return sorted(pages, key=lambda page: (-page.meta["frequency"], page.meta["difficulty"], page.id))


def foot(
    page: Article, corpus: Corpus, needed_by: Mapping[str, list[Article]], linked_from: Mapping[str, list[Article]]
) -> str:
    """先看, 接着看, 谁引用了它, as far as there is anything to name."""
    here, articles = posixpath.dirname(page.url), corpus.articles

    def item(id_: str) -> str:
        name = escape(corpus.project.questions[id_].question)
        if id_ not in articles:
            return f'<li><span class="bagu-planned">{name}<small>待写</small></span></li>'
        return f'<li><a href="{posixpath.relpath(articles[id_].url, here)}">{name}</a></li>'

    before = page.meta["needs"]
    after = [other.id for other in needed_by.get(page.id, ())]
    links = [other.id for other in linked_from.get(page.id, ()) if other.id not in after]
    paths = posixpath.relpath("paths.html", here) if "docs/paths.md" in corpus.pages else ""
    rows = []
    for name, ids in (("先看", before), ("接着看", after), ("谁引用了它", links)):
        if not ids:
            continue
        shown = "".join(item(id_) for id_ in ids[:SHOWN])
        rest = "".join(item(id_) for id_ in ids[SHOWN:])
        if name == "先看" and paths:
            shown += f'<li class="bagu-route"><a href="{paths}?to={page.id}">按次序读到这一篇</a></li>'
        more = f"<details><summary>还有 {len(ids) - SHOWN} 篇</summary><ul>{rest}</ul></details>" if rest else ""
        rows.append(f"<div><dt>{name}</dt><dd><ul>{shown}</ul>{more}</dd></div>")
    return f'<aside class="bagu-related" aria-label="相关文章"><dl>{"".join(rows)}</dl></aside>' if rows else ""
