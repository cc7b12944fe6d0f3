"""One build, told in phases that any site generator can follow: begin, source, content, settle, fill, close.

``begin`` parses everything and starts the runner; ``source`` and ``content`` are called for each page around its
Markdown conversion; ``settle`` waits for the results and judges them; ``fill`` puts the evidence into each finished
page. Whatever is red raises BaguError.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from . import (
    article,
    atlas,
    concepts,
    corpus,
    exports_page,
    figure,
    glossary,
    lab,
    lab_page,
    notebook,
    paths,
    related,
    render,
    search,
)
from .cache import Memo
from .errors import BaguError, Finding
from .formula import FormulaError, Formulas, fill_formulas, place_formulas
from .links import Addresses, Dead
from .markdown_ext import BaguExtension, Scope
from .project import Project
from .runner import Runner
from .snippet import content_key
from .text import join_lines

log = logging.getLogger("mkdocs.bagu")
MARKERS: dict[str, Callable[[corpus.Corpus, Memo], str]] = {
    "<!-- bagu:home -->": lambda corpus, _: render.home(corpus),
    "<!-- bagu:questions -->": lambda corpus, _: render.questions(corpus),
    "<!-- bagu:errata -->": lambda corpus, _: render.errata(corpus),
    "<!-- bagu:downloads -->": lambda corpus, _: exports_page.downloads(corpus),
    "<!-- bagu:glossary -->": glossary.render,
    "<!-- bagu:map -->": atlas.render,
    "<!-- bagu:paths -->": paths.render,
}
LOOK = 0.05  # seconds between two looks for programs that have ended
LISTS = ("questions.md", "map.md", "paths.md")  # pages that lead through all questions
_SCHEMES = [write(s) for s in ("proof:", "article:", "concept:") for write in (str.lower, str.upper, str.capitalize)]
_OUR_SCHEME = re.compile(r"""\b(?:href|src)\s*=\s*["']?((?:proof|article|concept):[^"'\s>]*)""", re.IGNORECASE)


@dataclass(frozen=True)
class Converted:
    """What Markdown makes of a page: its HTML, its headings (nested ``{level, id, name, children}``), its anchors."""

    html: str
    headings: list[dict]
    anchors: list[str]


@dataclass
class Served:
    """The site that is being served, between its rebuilds: what its pages were made of.

    ``common`` is a digest of what every page shows, ``pages`` holds {src: digest} of what is a page's own. A page is in
    ``pages`` only as long as the file that was written last is made of this.
    """

    common: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    addresses: Addresses = field(default_factory=Addresses)

    def begin(self, common: str) -> bool:
        """Whether what every page shows is as it was; otherwise no page stands."""
        if common != self.common:
            self.common, self.pages = common, {}
        return bool(self.pages)


class Build:
    """The state of one build. ``preview`` shows the committed records and executes nothing; ``served`` is given where
    the pages in which nothing changed stand (``stands``).

    ``converter`` is whatever decides how Markdown is converted besides a page and the data it names: the site
    generator's version and configuration. Under the same ``converter`` a page in which nothing changed isn't converted
    again.
    """

    def __init__(
        self,
        root: Path,
        *,
        preview: bool = False,
        serving: bool = False,
        runner: Runner | None = None,
        served: Served | None = None,
        converter: str = "",
    ):
        self.project = Project(root)
        self.preview, self.serving = preview, serving
        self.formulas = Formulas(self.project.cache / "formulas.json")
        self.memo = Memo(self.project.cache / "render.json", render.memo_salt())
        self.conversions = Memo(self.project.cache / "pages.json", content_key(converter, *_engine()))
        self.search = search.Index(self.project.cache)
        self.runner = runner or Runner(self.project.cache)
        self.served = served
        self.scope = Scope()
        self.findings: list[Finding] = []
        self.corpus = corpus.Corpus(self.project)
        self._formulas: dict[str, list[str]] = {}
        self._programs: dict[str, list[str]] = {}
        self._addresses = Addresses()
        self._digests: dict[str, str] = {}  # of the pages that are made again
        self._links: dict[tuple[str, str], str] = {}  # (concept, folder) -> the link to it from there
        self._mentions: dict[str, set[str]] = {}  # article -> the concepts that it links to by itself
        self._conversion = ""  # the key of the page being converted; "" where it isn't kept
        self._pending = corpus.Pending()
        self._settled = False
        self._late: list[tuple[str, str]] = []  # pages that were written before there were results

    def begin(self) -> BaguExtension:
        """Parse all pages and snippets and start running what is stale. Returns the Markdown extension of this build.

        Raises BaguError with everything that is wrong without executing anything.
        """
        started = time.perf_counter()
        self.corpus = corpus.load(self.project, self.formulas, self._warm)
        if self.corpus.findings:
            self.formulas.save()
            raise BaguError(self.corpus.findings)
        self.lexicon = concepts.Lexicon(self.corpus.concepts.values(), self.corpus.exceptions.elsewhere)
        salt = content_key(self.conversions.salt, self.lexicon.key)  # offsets in what one converter made
        self.found = Memo(self.project.cache / "mentions.json", salt)
        if self.preview:
            corpus.from_records(self.corpus)
        else:
            self.runner.progress = _progress
            self._pending = corpus.execute(self.corpus, self.runner, compare_tree=not self.serving)
        log.debug("bagu: %d pages read in %.2f s", len(self.corpus.pages), time.perf_counter() - started)
        return BaguExtension(self.scope)

    def _warm(self, loaded: corpus.Corpus) -> None:
        if not self.preview:
            corpus.warm(loaded, self.runner)

    def page(self, src: str) -> article.Article | None:
        """The page that a file below ``docs/`` became."""
        return self.corpus.pages.get(f"docs/{src}")

    def source(self, src: str, markdown: str) -> str:
        """What Markdown is to convert: nothing where the conversion is remembered."""
        page, self._conversion = self.page(src), ""
        if page is None:
            self.scope.page = None
            return markdown
        self.scope.begin(self.corpus, page)
        text = join_lines(article.render_source(page))
        for marker, make in MARKERS.items():
            if marker in text:
                text = text.replace(marker, make(self.corpus, self.memo))
                self.scope.page = article.Article(page.path, text)  # made from data: nothing to compare it with
        if page.meta.get("title"):  # where a title comes from the text, the generator has to see the text
            names = json.dumps(self.scope.names(), ensure_ascii=False)
            self._conversion = content_key(src, page.text, text, names)
            if self.conversions.get(self._conversion):
                return ""
        return text

    def content(self, src: str, converted: Converted) -> Converted:
        """A converted page with slots for its formulas; notes what Markdown dropped."""
        page = self.page(src)
        if page is None:
            return converted
        if self._conversion and (kept := self.conversions.get(self._conversion)):
            converted = Converted(**kept)
        else:
            before = len(self.findings)
            if self.scope.page is page:
                self.findings += self.scope.differences() + _lost_formulas(page, converted.html)
            if self._conversion and len(self.findings) == before:
                self.conversions.put(self._conversion, asdict(converted))
        html = self._linked(page, converted.html) if page.id else converted.html
        try:
            html, self._formulas[src] = place_formulas(html, self.formulas)
        except FormulaError as error:  # one that the scanner sees differently; the others were checked at their lines
            self.findings.append(Finding(f"docs/{src}", 0, f"formula: {error}", rule="F-03"))
        self.search.add(src, html)
        head = render.header(page, self.corpus) if page.id else ""
        foot = related.SLOT if page.id else ""
        return Converted(head + html + foot, converted.headings, converted.anchors)

    def _linked(self, page: article.Article, html: str) -> str:
        """A converted article with a link at the first mention of each concept; notes which they are."""
        key = content_key(page.id, self._conversion or html)
        found = self.found.get(key)
        if found is None:
            found = [[m.concept, m.start, m.end] for m in self.lexicon.first(html, page.id)]
            self.found.put(key, found)
        mentions = [concepts.Mention(*entry) for entry in found]
        self._mentions[page.id] = {mention.concept for mention in mentions}

        def make(id_: str, text: str) -> str:
            made = self._links.get((id_, page.folder))
            if made is None:
                concept = self.corpus.concepts[id_]
                made = concepts.link(concept, glossary.address_of(concept, page, self.corpus), "\0")
                self._links[id_, page.folder] = made
            return made.replace("\0", text)

        return concepts.weave(html, mentions, make)

    @cached_property
    def _network(self) -> tuple[dict, dict, dict]:
        """Once all pages are converted: who uses each concept, who needs each article, who links to it."""
        network = related.Network(self.corpus, self._mentions)
        return network.uses(), network.needed_by(), network.linked_from()

    def settle(self) -> None:
        """Wait for all results and judge everything. Raises BaguError for any red."""
        started = time.perf_counter()
        self._pending.all()
        self._settled = True
        self.formulas.save()
        findings = self.findings + corpus.check_results(self.corpus, embed=self._embed)
        unused = sorted(path for path in self.corpus.results if not self.corpus.embeds(path))
        for path in unused:
            findings += self.corpus.results[path].findings()
        if findings:
            raise BaguError(findings)
        self._report(time.perf_counter() - started)

    def settle_early(self) -> None:
        """What has to be settled before the templates: all where nothing runs any more, or where a red build must not
        touch the pages that are being served; else the labs alone, whose pages are made of their results.
        """
        if self.serving or not self._pending.running():
            return self.settle()
        self._pending.labs()
        if self.corpus.lab_findings:
            self.settle()

    def template_cache(self) -> str:
        """A folder for compiled templates, or "" where none can be made."""
        folder = self.project.cache / "templates"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return ""
        return str(folder)

    def lab_sources(self) -> dict[str, str]:
        """{src: Markdown} of the pages that labs become: front matter only, the rest comes with ``lab_pages``."""
        return {
            lab.page_src: f"---\ntitle: {json.dumps(lab.title)}\ndescription: {json.dumps(lab.description)}\n"
            f"file: {json.dumps(lab.src)}\n---\n"
            for lab in self.corpus.labs
        }

    def lab_pages(self) -> dict[str, tuple[str, list[dict]]]:
        """{src: (HTML, headings)} of the labs, once ``settle_early`` has returned. Raises BaguError."""
        pages = {}
        for item in self.corpus.labs:
            html = lab_page.content(item, lab.by_name(item, self.corpus.lab_facts), self.memo)
            html, self._formulas[item.page_src] = place_formulas(html, self.formulas)
            html, self._programs[item.page_src] = lab_page.set_aside(html)
            self.search.add(item.page_src, html)
            pages[item.page_src] = html, lab_page.contents(html)
        self.formulas.save()
        return pages

    def fill(self, src: str, url: str, html: str) -> str:
        """A page as its template made it, with evidence, ticks, references and formulas in their slots.

        So late, because whatever reads pages before (the search index) is to see prose, not programs. While programs
        run, a page is left as it is, and ``close`` fills it. Raises BaguError for whatever is red, and for an address
        with one of our schemes that is left.
        """
        if not self._settled:
            if self._pending.running():
                self._late.append((src, url))
                return html
            self.settle()
        return self._fill(src, url, html)

    def stands(self, src: str, url: str, *about: str) -> bool:
        """Whether the page that is being served was made of exactly this, so that it needn't be made again."""
        assert self.served is not None
        digest = content_key(url, *about)
        if self.served.pages.get(src) == digest:
            self._addresses.copy(url, self.served.addresses)
            return True
        self.served.pages.pop(src, None)  # should this build turn red, the next one makes the page again
        self._digests[src] = digest
        return False

    def _fill(self, src: str, url: str, html: str) -> str:
        self._check_addresses(src, html)
        page = self.page(src)
        if page is None:
            html = lab_page.put_back(html, self._programs.get(src, []))
            html = fill_formulas(html, self._formulas.get(src, []))
        else:
            html = render.fill(html, page, self.corpus, self.memo, self._formulas.get(src, []))
            uses, needed_by, linked_from = self._network
            if page.id:
                html = html.replace(related.SLOT, related.foot(page, self.corpus, needed_by, linked_from))
            elif src == glossary.SRC:
                html = glossary.fill(html, uses)
        self._addresses.read(url, html)
        return html

    def close(self, site: Path) -> None:
        """Fill the pages that were written before there were results, look whether every address in the pages leads
        somewhere, write the search index, then keep what the next build can use.

        ``site`` is the folder that the pages were written to. Raises BaguError with whatever is red, or every dead
        address.
        """
        if not self._settled:
            self.search.make(self.corpus)
            self._fill_passed(site)
            self.settle()
        for src, url in self._late:
            self._fill_file(site, src, url)
        findings = [self._dead_finding(dead) for dead in self._addresses.dead(site)]
        if findings:
            raise BaguError(findings)
        self.search.write(self.corpus, site)
        self.memo.save()
        self.conversions.save()
        self.found.save()
        if self.served is not None:
            self.served.pages |= self._digests
            self.served.addresses = self._addresses

    def _fill_passed(self, site: Path) -> None:
        """Fill the articles whose programs have passed, while others run. Whatever is red is left to ``settle``."""
        while self._pending.running():
            for src, url in list(self._late):
                page = self.page(src)
                if not (page and page.id and self._pending.passed({b.path for b in page.blocks if b.path})):
                    continue
                try:
                    self._fill_file(site, src, url)
                except BaguError:
                    return
                self._late.remove((src, url))
            time.sleep(LOOK)

    def _fill_file(self, site: Path, src: str, url: str) -> None:
        file = site / unquote(url)
        html = self._fill(src, url, file.read_bytes().decode("utf-8"))
        file.write_bytes(html.encode("utf-8", errors="xmlcharrefreplace"))

    def _embed(self, svg: str, prefix: str, alt: str) -> str:
        return self.memo.of(figure.embed, svg, prefix, alt)

    def _dead_finding(self, dead: Dead) -> Finding:
        """A dead address at the line that wrote it, as far as it stands there as the reader's browser sees it."""
        src = dead.url.removesuffix(".html") + ".md"
        page, line = self.page(src), 0
        if page is not None:
            path, _, anchor = dead.address.partition("#")
            for written in (dead.address, path.replace(".html", ".md") + (f"#{anchor}" if anchor else "")):
                if (at := page.text.find(written)) >= 0:
                    line = page.text.count("\n", 0, at) + 1
                    break
        return Finding(f"docs/{src}", line, f"the page leads to {dead.address}: {dead.reason}", rule="L-07")

    def _check_addresses(self, src: str, html: str) -> None:
        if not any(scheme in html for scheme in _SCHEMES):  # a hundred times as fast as the pattern
            return
        match = _OUR_SCHEME.search(html)
        if match:
            page = self.page(src)
            line = 0
            if page is not None and match[1] in page.text:
                line = page.text.count("\n", 0, page.text.index(match[1])) + 1
            message = f"the address {match[1]} is left in the page; write it as a Markdown link"
            raise BaguError(Finding(f"docs/{src}", line, message, rule="L-02"))

    def downloads(self) -> dict[str, str]:
        """{address: content} of what is published beside the pages: each snippet as a program and as a notebook."""
        files = {}
        for path, snippet in self.corpus.snippets.items():
            base = f"snippets/{path.removesuffix('.py')}"
            files[f"{base}.py"] = self.memo.of(notebook.published, snippet.source)
            files[f"{base}.ipynb"] = self.memo.of(notebook.to_notebook, snippet.source, snippet.stem)
        for item in self.corpus.labs:
            files[item.src.removesuffix(".py") + ".ipynb"] = lab_page.notebook(item)
        return files

    def navigation(self) -> list:
        """The site's navigation: written articles under their part and topic, in the order of the map."""
        articles, parts = self.corpus.articles, {}
        for topic in self.project.topics:
            written = [articles[q.id].src for q in topic.questions if q.id in articles]
            if written:
                parts.setdefault(topic.part, []).append({topic.name: written})
        pages = [page.src for page in self.corpus.pages.values() if not page.id]
        known = [src for src in ("index.md", *LISTS, "glossary.md", "errata.md", "sources.md") if src in pages]
        rest = [src for src in pages if src not in known]
        questions = [{part: topics} for part, topics in parts.items()]
        first, middle = known[:1], [src for src in known[1:] if src in LISTS]
        last = [src for src in known[1:] if src not in LISTS]
        listed = [{"题目": [*middle, *questions]}] if questions or middle else []
        labs = [{"实验": [item.page_src for item in self.corpus.labs]}] if self.corpus.labs else []
        return [*first, *listed, *labs, *last, *rest]

    def _report(self, waited: float) -> None:
        results = self.corpus.results.values()
        ran = [r for r in results if r.executed and not r.cached]
        if lacking := corpus.lacking(results):
            log.info("bagu: %s", lacking)
        if self.preview:
            log.info("bagu: preview; %d snippets shown from their records, none executed", len(results))
        elif ran:
            log.info("bagu: %d snippets passed, %d of them run now (waited %.1f s)", len(results), len(ran), waited)
        else:
            log.info("bagu: %d snippets passed, all cached", len(results))


def _engine() -> list[bytes]:
    """The engine's own source: whatever it is that changes, no page converted by another version is shown."""
    return [file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py"))]


def _lost_formulas(page: article.Article, html: str) -> list[Finding]:
    shown = html.count('<span class="arithmatex">') + html.count('<div class="arithmatex">')
    found = corpus.formulas_of(page)
    if shown == len(found):
        return []
    message = f"Markdown makes {shown} formulas of the {len(found)} written here; is a `$` unescaped, or a `$$` not on its own line?"
    return [Finding(page.path, found[0].line if found else 0, message, rule="F-03")]


def _progress(done: int, total: int) -> None:
    if done == total or done % 10 == 0:
        log.info("bagu: %d of %d runs done", done, total)
