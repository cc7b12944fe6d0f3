"""The Markdown side: four blocks, links with our schemes, citations. It renders what ``article`` has found, no more.

Blocks and ticks become slots (``data-bagu-slot``, ``data-bagu-tip``), which ``render.fill`` replaces once the results
are there; each keeps a note of what it rendered, so that the build can compare that with what ``article`` parsed.
"""

from __future__ import annotations

import posixpath
import re
import xml.etree.ElementTree as etree
from collections import Counter
from dataclasses import dataclass, field

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from pymdownx.blocks import BlocksExtension
from pymdownx.blocks.block import Block as MarkdownBlock
from pymdownx.blocks.block import type_any

from . import article as a
from . import evidence, glossary
from .corpus import Corpus
from .errors import Finding
from .render import KIND_NAMES, anchor

SCHEME = re.compile(r"(proof|article|concept):(.*)", re.DOTALL)


@dataclass
class Scope:
    """The page being converted. One is shared by the extension and whoever drives the conversion, page after page."""

    corpus: Corpus | None = None
    page: a.Article | None = None
    blocks: Counter = field(default_factory=Counter)
    links: Counter = field(default_factory=Counter)
    citations: Counter = field(default_factory=Counter)

    def begin(self, corpus: Corpus, page: a.Article) -> None:
        """Start a page."""
        self.corpus, self.page = corpus, page
        self.blocks, self.links, self.citations = Counter(), Counter(), Counter()

    def names(self) -> list:
        """What the conversion of this page reads of others: with the page's text it decides the result."""
        page, corpus = self.page, self.corpus
        assert page is not None and corpus is not None
        found: list = [(b.index, b.path, b.region) for b in page.blocks]
        for link in page.links:
            if link.scheme == "proof":
                resolved = evidence.resolve(page, link, corpus.snippets)
                if not isinstance(resolved, str):
                    found.append((link.target, resolved[0].path, resolved[0].assertions.index(resolved[1])))
                continue
            concept = corpus.concepts.get(link.target) if link.scheme == "concept" else None
            if concept is not None:
                found.append((concept.title, glossary.page(corpus)))
            id_ = concept.home if concept is not None else link.target
            question = corpus.project.questions.get(id_)
            found.append(
                (
                    id_,
                    id_ in corpus.articles,
                    question.folder if question else "",
                    question.question if question else "",
                )
            )
        for citation in page.citations:
            reference = corpus.references[citation.key]
            found.append((citation.key, reference.label_short, reference.text))
        return found

    def differences(self) -> list[Finding]:
        """What ``article`` parsed and Markdown didn't render, or rendered twice."""
        page, findings = self.page, []
        assert page is not None
        for block in page.blocks:
            if self.blocks[block.index] != 1:
                message = f"the block `{block.name}` was rendered {self.blocks[block.index]} times; does it stand inside HTML or a list?"
                findings.append(Finding(page.path, block.line, message, rule="B-01"))
        expected = Counter((link.scheme, link.target) for link in page.links)
        for link in page.links:
            if self.links[link.scheme, link.target] < expected[link.scheme, link.target]:
                message = f"the link {link.scheme}:{link.target} isn't rendered as a link; does it stand inside HTML or a formula?"
                findings.append(Finding(page.path, link.line, message, rule="L-02"))
        cited = Counter(citation.key for citation in page.citations)
        for citation in page.citations:
            if self.citations[citation.key] < cited[citation.key]:
                message = f"the citation @{citation.key} isn't rendered; does it stand inside HTML? take it out"
                findings.append(Finding(page.path, citation.line, message, rule="L-03"))
        return findings


class _Block(MarkdownBlock):
    """A block whose argument is its index among the parsed blocks of the page (see ``article.render_source``)."""

    ARGUMENT = None
    OPTIONS = {key: ("", type_any) for options in a.OPTIONS.values() for part in options for key in part}

    def on_create(self, parent: etree.Element) -> etree.Element:
        scope: Scope = self.config["scope"]
        assert scope.page is not None
        block = scope.page.blocks[int(self.argument)]
        scope.blocks[block.index] += 1
        if block.name == "followup":
            box = etree.SubElement(parent, "details", {"class": "bagu-followup", "id": anchor(block)})
            question = etree.SubElement(box, "summary")
            question.text = block.argument
            self.target = etree.SubElement(box, "div", {"class": "bagu-answer"})
            return box
        box = etree.SubElement(parent, "section", {"class": f"bagu bagu-{block.name}", "id": anchor(block)})
        if block.name in ("refute", "correct"):
            kind = KIND_NAMES[block.options["kind"]]
            _statement(box, "wrong", f"流传的说法 · {kind}", block.options["claim"])
            _statement(box, "right", "正确的说法", block.options["right"])
            self.target = etree.SubElement(box, "div", {"class": "bagu-body"})
        else:
            claim = etree.SubElement(box, "div", {"class": "bagu-claim"})
            etree.SubElement(claim, "span", {"class": "bagu-mark"}).text = "由程序检验"
            self.target = etree.SubElement(claim, "div", {"class": "bagu-body"})
        if block.name == "correct":
            source = etree.SubElement(box, "p", {"class": "bagu-source"})
            source.text = f"依据：{block.options['source']}"
        else:
            etree.SubElement(box, "div", {"data-bagu-slot": str(block.index)})
        return box

    def on_add(self, block: etree.Element) -> etree.Element:
        return self.target


def _statement(parent: etree.Element, kind: str, mark: str, text: str) -> None:
    box = etree.SubElement(parent, "div", {"class": f"bagu-statement bagu-{kind}"})
    etree.SubElement(box, "span", {"class": "bagu-mark"}).text = mark
    etree.SubElement(box, "p").text = " ".join(text.split())


class _Citation(InlineProcessor):
    def __init__(self, md: Markdown, scope: Scope):
        super().__init__(r"\[(@[^\[\]]+)\](?!\()", md)
        self.scope = scope

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element | None, int | None, int | None]:  # type: ignore[override]
        page, corpus = self.scope.page, self.scope.corpus
        parts = a.split_citation(m.group(1))
        if page is None or corpus is None or any(key not in corpus.references for key, _ in parts):
            return None, None, None
        box = etree.Element("span", {"class": "bagu-cite"})
        box.text = "["
        for n, (key, locator) in enumerate(parts):
            self.scope.citations[key] += 1
            reference = corpus.references[key]
            link = etree.SubElement(box, "a", {"href": f"#ref-{key}", "title": reference.text})
            link.text = reference.label_short
            link.tail = (f"，{locator}" if locator else "") + ("；" if n + 1 < len(parts) else "")
        last = box[-1]
        last.tail = (last.tail or "") + "]"
        return box, m.start(0), m.end(0)


class _Links(Treeprocessor):
    def __init__(self, md: Markdown, scope: Scope):
        super().__init__(md)
        self.scope = scope

    def run(self, root: etree.Element) -> None:
        page, corpus = self.scope.page, self.scope.corpus
        if page is None or corpus is None:
            return
        for element in root.iter("a"):
            match = SCHEME.fullmatch(element.get("href", ""))
            if match:
                scheme, target = match.groups()
                self.scope.links[scheme, target] += 1
                getattr(self, f"_{scheme}")(element, target, page, corpus)
        self._references(root, page)

    def _proof(self, element: etree.Element, target: str, page: a.Article, corpus: Corpus) -> None:
        link = next(link for link in page.links if (link.scheme, link.target) == ("proof", target))
        found = evidence.resolve(page, link, corpus.snippets)
        if isinstance(found, str):
            return  # an error of the corpus already
        snippet, assertion = found
        element.tag = "span"
        element.attrib.clear()
        element.set("class", "bagu-proven")
        etree.SubElement(element, "span", {"data-bagu-tip": f"{snippet.path}#{snippet.assertions.index(assertion)}"})

    def _article(self, element: etree.Element, target: str, page: a.Article, corpus: Corpus) -> None:
        home = corpus.articles.get(target)
        if home is not None:
            element.set("href", posixpath.relpath(home.src, posixpath.dirname(page.src) or "."))
            return
        element.tag = "span"
        element.attrib.clear()
        element.set("class", "bagu-planned")
        question = corpus.project.questions.get(target)
        if question:
            element.set("title", question.question)
        etree.SubElement(element, "small").text = "待写"

    def _concept(self, element: etree.Element, target: str, page: a.Article, corpus: Corpus) -> None:
        concept = corpus.concepts.get(target)
        if concept is None:
            return
        address = glossary.source_of(concept, page, corpus)
        element.attrib.clear()
        if address:
            element.set("href", posixpath.relpath(address, posixpath.dirname(page.src) or "."))
        else:
            element.tag = "span"
            element.set("tabindex", "0")
        element.set("class", "bagu-concept")
        element.set("data-concept", concept.id)
        element.set("title", concept.title)

    def _references(self, root: etree.Element, page: a.Article) -> None:
        """The list under 参考; its entries have their ids here, so that MkDocs finds what citations point to."""
        if not page.id:
            return
        for position, element in enumerate(list(root)):
            if element.tag == "h2" and (element.text or "").strip() == "参考":
                entries = etree.Element("ol", {"class": "bagu-references"})
                for key in page.meta["sources"]:
                    entry = etree.SubElement(entries, "li", {"id": f"ref-{key}"})
                    etree.SubElement(entry, "div", {"data-bagu-slot": f"ref:{key}"})
                root.insert(position + 1, entries)
                return


class BaguExtension(BlocksExtension):
    """Everything above, bound to one scope."""

    def __init__(self, scope: Scope):
        self.config = {"scope": [scope, "the page being converted"]}
        super().__init__()
        self.scope = scope

    def extendMarkdownBlocks(self, md: Markdown, block_mgr: object) -> None:
        for name in a.BLOCKS:
            block_mgr.register(type(f"Block_{name}", (_Block,), {"NAME": name}), {"scope": self.scope})  # type: ignore[attr-defined]
        md.inlinePatterns.register(_Citation(md, self.scope), "bagu-citation", 175)
        md.treeprocessors.register(_Links(md, self.scope), "bagu-links", 15)
