"""The built pages read back: chapters as element trees, so that what is taken along is what the web shows."""

from __future__ import annotations

import html as html_entities
import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import BaguError, Finding
from .project import Project, Question, Topic

_OPENS, _CLOSES = '<article class="md-content__inner md-typeset">', "</article>"
_TEX = re.compile(r'<math(?P<display> display="block")?>.*?<annotation[^>]*>(?P<tex>.*?)</annotation>', re.DOTALL)
_HIDDEN = re.compile(r"<(bagu-tip|button)\b.*?</\1>", re.DOTALL)  # for a mouse
_ANCHOR = re.compile(r'<(?:h[234]|section|details)\b[^>]* id="([^"]+)"')
_LISTING = re.compile(r'<pre class="bagu-code"[^>]*>(.*?)</pre>', re.DOTALL)
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_MATH = re.compile(r'<bagu-math(?P<display> class="display")?[^>]*>(?P<inside>.*?)</bagu-math>', re.DOTALL)
_ANNOTATION = re.compile(r'<annotation encoding="application/x-tex">.*?</annotation>', re.DOTALL)


@dataclass
class Chapter:
    """One article as it stands in the built site.

    ``root`` is an lxml element; a figure in it is ``<img data-figure="n">``, whose SVG is ``figures[n]``; a formula is a
    ``<math>`` that holds its TeX and nothing else; where listings are taken apart, one is ``<pre data-listing="n">``.
    """

    question: Question
    topic: Topic
    url: str
    html: str
    number: int
    root: Any = None
    figures: list[str] = field(default_factory=list)
    listings: list[str] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The file that it was written in."""
        return f"docs/{self.url.removesuffix('.html')}.md"

    @property
    def id(self) -> str:
        return self.question.id

    def parse(self, apart: bool = False) -> Chapter:
        """Build ``root`` from ``html``; listings, which have most of a page's elements, ``apart`` as HTML."""

        def listing(match: re.Match[str]) -> str:
            self.listings.append(match[1])
            return f'<pre data-listing="{len(self.listings) - 1}"></pre>'

        self.listings = []
        self.root, self.figures = tree(_LISTING.sub(listing, self.html) if apart else self.html)
        return self


def body(page: Path) -> str:
    """The HTML of a built page's article, formulas as their TeX alone. Raises BaguError where the page has none."""
    try:
        _, opened, rest = page.read_text("utf-8").partition(_OPENS)
    except FileNotFoundError:
        raise BaguError(Finding(str(page), 0, "the page isn't in the built site; `make site`, then again")) from None
    inside, closed, _ = rest.partition(_CLOSES)
    if not (opened and closed):
        raise BaguError(Finding(str(page), 0, "the built page has no article in it; was it built by `make site`?"))
    return _MATH.sub(_tex, _HIDDEN.sub("", inside))


def _tex(match: re.Match[str]) -> str:
    display = ' display="block"' if match["display"] else ""
    found = _ANNOTATION.search(match["inside"])
    return f"<math{display}><semantics><mrow></mrow>{found[0]}</semantics></math>" if found else match[0]


def formulas(html: str) -> list[tuple[str, bool]]:
    """(TeX, display) of the formulas in what ``body`` gives, in order."""
    found = _TEX.finditer(html)
    return [(" ".join(html_entities.unescape(match["tex"]).split()), bool(match["display"])) for match in found]


def anchors(html: str) -> frozenset[str]:
    """The ids in a page's HTML that another page may lead to: headings and blocks, not lines of programs."""
    return frozenset(map(html_entities.unescape, _ANCHOR.findall(html)))


def tree(html: str) -> tuple[Any, list[str]]:
    """(root, figures) of what ``body`` gives: figures are taken out before the parser, which would spoil them."""
    from lxml import html as lxml_html

    figures: list[str] = []

    def figure(match: re.Match[str]) -> str:
        figures.append(match[0])
        return f'<img data-figure="{len(figures) - 1}">'

    root = lxml_html.fragment_fromstring(_SVG.sub(figure, html), create_parent="div")
    return root, figures


def chapters(project: Project, site: Path, folders: Iterable[str] = (), articles: Iterable[str] = ()) -> list[Chapter]:
    """The written articles in the order of the question map; all, or those of ``folders`` and ``articles``.

    Raises BaguError for a name that isn't there, and for a site that lacks a page.
    """
    folders, wanted = set(folders), set(articles)
    there = [(topic, question) for topic in project.topics for question in topic.questions]
    there = [(topic, q) for topic, q in there if (project.docs / q.folder / f"{q.id}.md").is_file()]
    written, known = {question.id for _, question in there}, {question.folder for _, question in there}
    wrong = [f"there is no written article `{name}`" for name in sorted(wanted - written)]
    wrong += [f"no written article stands in the folder `{name}`" for name in sorted(folders - known)]
    if wrong:
        raise BaguError([Finding("docs", 0, message) for message in wrong])
    found = []
    for topic, question in there:
        if not (folders or wanted) or question.id in wanted or question.folder in folders:
            url = f"{question.folder}/{question.id}.html"
            found.append(Chapter(question, topic, url, body(site / url), len(found) + 1))
    if not found:
        raise BaguError(Finding("docs", 0, "no article is written yet; there is nothing to make a book of"))
    return found


def target(url: str, address: str) -> tuple[str, str] | None:
    """(page, anchor) that an address in the page ``url`` leads to, or None where it leaves the site."""
    if re.match(r"[a-z][a-z0-9+.-]*:|//", address, re.IGNORECASE):
        return None
    path, _, anchor = address.partition("#")
    page = posixpath.normpath(posixpath.join(posixpath.dirname(url), path)) if path else url
    return page, html_entities.unescape(anchor)


def classes(element: Any) -> set[str]:
    """The classes of an element."""
    return set((element.get("class") or "").split())


def text_of(element: Any) -> str:
    """All text of an element, blanks joined."""
    return " ".join("".join(element.itertext()).split())
