"""The glossary page: every concept by pinyin or letter, with its definition, its home and where it is used."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from html import escape

from .article import Article
from .cache import Memo
from .concepts import Concept
from .corpus import Corpus

SRC = "glossary.md"
OTHERS = "#"  # what begins with neither a letter nor a Han character
_USES = re.compile(r'<p data-bagu-uses="([^"]+)"></p>')


def page(corpus: Corpus) -> bool:
    """Whether this site has a glossary."""
    return f"docs/{SRC}" in corpus.pages


def anchor(concept: Concept) -> str:
    """A concept's permanent address on the glossary page."""
    return f"concept-{concept.id}"


def source_of(concept: Concept, page_: Article, corpus: Corpus) -> str:
    """Where a term leads, below ``docs/``: its home, or its entry in the glossary where that isn't written or is here.

    "" where there is neither.
    """
    home = corpus.articles.get(concept.home)
    if home is not None and home.id != page_.id:
        return home.src
    return f"{SRC}#{anchor(concept)}" if page(corpus) else ""


def address_of(concept: Concept, page_: Article, corpus: Corpus) -> str:
    """The same as an address in the built page, relative to it."""
    path, mark, fragment = source_of(concept, page_, corpus).partition("#")
    if not path:
        return ""
    return posixpath.relpath(path.removesuffix(".md") + ".html", posixpath.dirname(page_.url)) + mark + fragment


def render(corpus: Corpus, memo: Memo) -> str:
    """The page's body: an index of letters, then the entries; where a concept is used is left open for ``fill``."""
    concepts, articles = list(corpus.concepts.values()), corpus.articles
    keys = dict(zip([c.id for c in concepts], memo.of(sort_keys, *(c.zh for c in concepts)), strict=True))
    groups: dict[str, list[Concept]] = {}
    for concept in sorted(concepts, key=lambda c: (keys[c.id], c.zh)):
        first = keys[concept.id][:1].upper()
        groups.setdefault(first if "A" <= first <= "Z" else OTHERS, []).append(concept)
    letters = sorted(groups, key=lambda letter: (letter == OTHERS, letter))
    index = "".join(f'<li><a href="#{_letter(letter)}">{letter}</a></li>' for letter in letters)
    out = [f'<nav aria-label="按拼音与字母"><ul class="bagu-letters">{index}</ul></nav>']
    for letter in letters:
        entries = "".join(_entry(concept, corpus, articles) for concept in groups[letter])
        out.append(f'<h2 id="{_letter(letter)}">{letter}</h2>\n<dl class="bagu-glossary">{entries}</dl>')
    return "\n\n".join([f"共 {len(concepts)} 个概念。" if concepts else "还没有概念。", *out]) + "\n"


def _letter(letter: str) -> str:
    return "letter-other" if letter == OTHERS else f"letter-{letter.lower()}"


def _entry(concept: Concept, corpus: Corpus, articles: dict[str, Article]) -> str:
    """A term with its translation, other names, definition and home."""
    english = f' <span lang="en">{escape(concept.en)}</span>' if concept.en != concept.zh else ""
    aliases = [name for name in concept.aliases if name not in (concept.zh, concept.en)]
    also = f'<p class="bagu-also">又作 {escape("、".join(aliases))}</p>' if aliases else ""
    home, question = articles.get(concept.home), corpus.project.questions[concept.home]
    name = escape(question.question)
    where = (
        f'<a href="{home.url}">{name}</a>' if home else f'<span class="bagu-planned">{name}<small>待写</small></span>'
    )
    return (
        f'<div id="{anchor(concept)}"><dt><dfn>{escape(concept.zh)}</dfn>{english}</dt>'
        f"<dd><p>{escape(concept.definition)}</p>{also}"
        f'<p><span class="bagu-key">讲在</span> {where}</p><p data-bagu-uses="{concept.id}"></p></dd></div>\n'
    )


def fill(html: str, uses: dict[str, Sequence[Article]]) -> str:
    """Say at each concept which articles use it. ``uses`` is by concept; articles in the order to name them."""

    def said(match: re.Match[str]) -> str:
        pages = uses.get(match[1], ())
        links = "".join(f'<li><a href="{page.url}">{escape(page.meta["title"])}</a></li>' for page in pages)
        if not links:
            return ""
        return f"<details><summary>用在 {len(pages)} 篇</summary><ul>{links}</ul></details>"

    return _USES.sub(said, html)


def sort_keys(*names: str) -> list[str]:
    """What each name is sorted by: Latin as it is, Han by pinyin with tones."""
    from pypinyin import Style, lazy_pinyin  # its dictionary takes longer to import than the rest of a build

    return ["".join(_spelt(lazy_pinyin(name, style=Style.TONE3))).lower() for name in names]


def _spelt(parts: Iterable[str]) -> list[str]:
    return [re.sub(r"[\s\-]+", "", part) for part in parts]
