"""All pages and snippets together: what they name of each other exists, and every snippet has a result."""

from __future__ import annotations

import datetime
import difflib
import graphlib
import math
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import article, bibliography, concepts, evidence, figure, formula, lab, landlock, rules, snippet
from .cache import Memo, ResultCache, distributions, key
from .concepts import Concept, Exceptions
from .errors import BaguError, Finding
from .evidence import Result
from .formula import Formula, FormulaError, Formulas, find_formulas
from .project import Project
from .runner import Job, Runner

Selection = tuple[list[article.Article], list[str], list[lab.Lab]]


@dataclass
class Corpus:
    """What a build or a command works on. ``findings`` is everything wrong that needs no execution."""

    project: Project
    pages: dict[str, article.Article] = field(default_factory=dict)  # by path, docs/….md
    snippets: dict[str, snippet.Snippet] = field(default_factory=dict)  # by path below snippets/
    concepts: dict[str, Concept] = field(default_factory=dict)
    exceptions: Exceptions = field(default_factory=Exceptions)
    references: dict[str, bibliography.Reference] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)  # by path below snippets/
    findings: list[Finding] = field(default_factory=list)
    labs: list[lab.Lab] = field(default_factory=list)
    lab_facts: dict[str, dict | None] = field(default_factory=dict)  # by key of the run
    lab_findings: list[Finding] = field(default_factory=list)

    @property
    def articles(self) -> dict[str, article.Article]:
        """The articles by id."""
        return {page.id: page for page in self.pages.values() if page.id}

    def embeds(self, path: str) -> list[str]:
        """Where a snippet is embedded: ["docs/…md:41"]."""
        return [
            f"{page.path}:{block.line}" for page in self.pages.values() for block in page.blocks if block.path == path
        ]


@dataclass
class Pending:
    """Programs that run beside whatever else happens. ``labs`` waits for those of the labs and judges them, ``all`` for
    every one: then ``corpus.results`` has a result for each path. ``running`` says whether ``all`` would have to wait.
    ``passed`` judges those of these paths that have ended, and says whether all of them have, and are green.
    """

    labs: Callable[[], None] = lambda: None
    all: Callable[[], None] = lambda: None
    running: Callable[[], bool] = lambda: False
    passed: Callable[[Iterable[str]], bool] = lambda paths: False


def load(
    project: Project, formulas: Formulas | None = None, parsed: Callable[[Corpus], None] = lambda _: None
) -> Corpus:
    """Parse and cross-check everything below ``docs/`` and ``snippets/``; executes nothing. ``parsed`` is called once
    all snippets are parsed, before formulas are typeset, which takes the longest.

    Raises BaguError only where the question map itself can't be read; the rest is in ``findings``.
    """
    corpus = Corpus(project)
    _ = project.topics
    corpus.concepts, faults = concepts.load(project)
    corpus.exceptions = concepts.exceptions(project)
    corpus.findings += faults
    try:
        files = sorted((project.docs / "references").glob("*.bib"))
        corpus.references = bibliography.load_cached(files, project.root, project.cache / "references.json")
    except BaguError as error:
        corpus.findings += error.findings
    sound = Memo(project.cache / "articles.json", _reader(project))  # pages that were without findings, formulas too
    keys: dict[str, str] = {}
    for file in sorted(project.docs.rglob("*.md")):
        raw = file.read_bytes()
        key_ = snippet.content_key(project.relative(file), raw)
        kept = sound.get(key_)
        page = article.restored(kept) if kept else article.parse(project, file, raw)
        corpus.pages[page.path] = page
        if not kept:
            keys[page.path] = key_
    refuting = {
        b.argument.partition(":")[0] for page in corpus.pages.values() for b in page.blocks if b.name == "refute"
    }
    memo = Memo(
        project.cache / "snippets.json", snippet.content_key(*(Path(m.__file__).read_bytes() for m in (snippet, rules)))
    )

    def analyse(source: str, refutation: str) -> dict:
        return memo.of(snippet.analyse, source, refutation)

    for file in sorted(project.snippets.rglob("*.py")):
        path = file.relative_to(project.snippets).as_posix()
        if "__pycache__" not in file.parts and not file.is_symlink():
            corpus.snippets[path] = snippet.parse(path, file, path in refuting, analyse)
    memo.save()
    parsed(corpus)
    for page in corpus.pages.values():
        _check_page(corpus, page)
        if formulas is not None and page.path in keys:
            _check_formulas(page, formulas)
            if not page.findings:
                sound.put(keys[page.path], article.kept(page))
    if formulas is not None:
        sound.save()
    corpus.labs = lab.load(project)
    for item in corpus.labs:
        corpus.findings += item.findings + (lab.check_formulas(item, formulas) if formulas is not None else [])
    _check_cycle(corpus)
    for page in corpus.pages.values():
        corpus.findings += page.findings
    return corpus


def _reader(project: Project) -> str:
    """What decides how a page is read, besides the page: the modules that read it, KaTeX, the question map."""
    here = Path(__file__).parent
    modules = [(here / name).read_bytes() for name in ("article.py", "rules.py", "text.py", "formula.py", "project.py")]
    katex = (formula.KATEX / "katex.min.js").read_bytes()
    return snippet.content_key(*modules, katex, (project.docs / "questions.yml").read_bytes())


def warm(corpus: Corpus, runner: Runner) -> None:
    """Let the servers that stale snippets will need begin to import."""
    cache = ResultCache(corpus.project.cache / "results.txt")
    sound = (item for item in corpus.snippets.values() if not evidence.static_result(item))
    runner.warm([job for job in (Job(key(item), item) for item in sound) if cache.get(job.key) is None])


def execute(
    corpus: Corpus,
    runner: Runner,
    paths: Iterable[str] | None = None,
    labs: Iterable[lab.Lab] | None = None,
    *,
    fresh: bool = False,
    compare_tree: bool = True,
) -> Pending:
    """Begin to run what is stale among ``paths`` and ``labs`` (all by default); returns what waits for it and judges.

    ``fresh`` ignores the cache. A runner with a seed of its own does as well, and keeps nothing: its results are judged
    by their assertions and words.
    ``compare_tree`` looks whether the batch changed the work tree, where no Landlock forbids it (it can't tell a snippet
    from somebody who edits meanwhile, so it is the layer of last resort, and off under serve).
    """
    chosen = sorted(corpus.snippets if paths is None else paths)
    reseeded = runner.seed != 0
    fresh = fresh or reseeded
    cache = ResultCache(corpus.project.cache / "results.txt")
    runs: dict[str, list[tuple[str, bool]]] = {}  # path -> [(key, equal)]
    facts: dict[str, dict | None] = {}
    jobs, cached = [], set()
    for path in chosen:
        item = corpus.snippets[path]
        if red := evidence.static_result(item):
            corpus.results[path] = red
            continue
        variants = [False, True] if item.refutation else [False]
        runs[path] = [(key(item, equal), equal) for equal in variants]
        for name, equal in runs[path]:
            kept = None if fresh else cache.get(name)
            if kept is not None:
                facts[name] = kept
                cached.add(name)
            else:
                jobs.append(Job(name, item, equal))
    chosen_labs = corpus.labs if labs is None else list(labs)
    lab_jobs, known = lab.stale(chosen_labs, cache, fresh)
    times = Memo(corpus.project.cache / "seconds.json", "1")  # what each program took when it last passed
    seconds = {path: times.get(path) or 0.0 for path in corpus.snippets}
    jobs = [replace(job, expected=seconds.get(job.snippet.path, 0.0)) for job in jobs]
    jobs += [replace(job, expected=math.inf) for job in lab_jobs]  # their pages are made before all others
    compare_tree = compare_tree and bool(jobs) and not landlock.abi()
    before = _tree(corpus.project) if compare_tree else {}
    runner.submit(jobs)

    def settle_labs() -> None:
        if corpus.lab_facts:
            return
        found = runner.wait([job.key for job in lab_jobs])
        corpus.lab_facts = known | {job.key: found.get(job.key) for job in lab_jobs}
        corpus.lab_findings = lab.settle(chosen_labs, corpus.lab_facts, cache)

    def judge(path: str, stray: str = "") -> None:
        item, variants = corpus.snippets[path], runs.pop(path)
        main, _ = variants[0]
        result = evidence.judge(item, facts.get(main), record(item), reseeded)
        if item.refutation:
            result = evidence.judge_equal(item, facts.get(variants[1][0]), result)
        ran = [name for name, _ in variants if name not in cached]
        result.cached = not ran
        result.layers = (facts.get(main) or {}).get("layers", [])
        if stray and ran and result.passed:
            result.status, result.message = "denied", f"during this run {stray} changed in the work tree"
        if result.status in ("passed", "output", "no-record"):
            for name in ran:
                imported = facts[name]["imports"] or facts[main]["imports"]
                shown = distributions([module for module in item.imports if module in imported])
                facts[name] |= {"date": datetime.date.today().isoformat(), "versions": shown}
                cache.put(name, facts[name], distributions(imported))
                times.put(path, result.seconds)
            result.date, result.versions = facts[main]["date"], facts[main]["versions"]
        corpus.results[path] = result

    def passed(paths: Iterable[str]) -> bool:
        for path in paths:
            if path in runs and not compare_tree:
                facts.update((name, runner.results[name]) for name, _ in runs[path] if name in runner.results)
                if all(name in facts for name, _ in runs[path]):
                    judge(path)
            if path not in corpus.results or not corpus.results[path].passed:
                return False
        return True

    def settle() -> None:
        facts.update(runner.wait())
        settle_labs()
        stray = _stray(before, _tree(corpus.project)) if compare_tree else ""
        for path in list(runs):
            judge(path, stray)
        for path in chosen:
            corpus.results[path].embeds = corpus.embeds(path)
        if reseeded:
            return
        cache.save()
        times.save()
        if cache.problem:
            import logging

            logging.getLogger("mkdocs.bagu").info(cache.problem)

    return Pending(settle_labs, settle, runner.running, passed)


def lacking(results: Iterable[Result]) -> str:
    """One line on the layers of isolation that a run of just now went without, or ""."""
    ran = [result.layers for result in results if result.layers and not result.cached]
    if not ran:
        return ""
    from .supervisor import LINUX

    missing = [name for name in LINUX if any(name not in layers for layers in ran)]
    return f"isolated without {', '.join(missing)}, which this system lacks; see SECURITY.md" if missing else ""


def from_records(corpus: Corpus) -> None:
    """Results of a preview: each snippet's committed record as its output, nothing executed."""
    for path, item in corpus.snippets.items():
        if red := evidence.static_result(item):
            corpus.results[path] = red
            continue
        corpus.results[path] = Result(item.name, "passed", stdout=record(item) or "", executed=False)


def check_results(
    corpus: Corpus,
    pages: Iterable[article.Article] | None = None,
    embed: evidence.Embed = figure.embed,
    numbers: bool = True,
) -> list[Finding]:
    """Everything red once results are there: statuses, figures, and ``numbers`` in proof links without evidence."""
    findings = list(corpus.lab_findings)
    wanted = list(corpus.pages.values() if pages is None else pages)
    for path in sorted({block.path for page in wanted for block in page.blocks if block.path in corpus.results}):
        findings += corpus.results[path].findings()
    for page in wanted:
        shown = set()
        for block in page.blocks:
            result = corpus.results.get(block.path)
            if result is not None and result.passed and result.executed and block.path not in shown:
                findings += evidence.check_figures(page, block, corpus.snippets[block.path], result, embed)
            shown.add(block.path)
    for page in wanted if numbers else ():
        for link in page.links:
            if link.scheme != "proof":
                continue
            finding = evidence.check_numbers(page, link, corpus.snippets, corpus.results)
            findings += [finding] if finding else []
    return findings


def record(item: snippet.Snippet) -> str | None:
    """The committed output of a snippet, or None where there is none."""
    try:
        return item.record.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return "(the record isn't valid UTF-8)"


def meant(key: str, references: Iterable[str]) -> list[str]:
    """The key of the bibliography that a citation of an unknown key is likely to mean, if any."""
    return difflib.get_close_matches(key, list(references), n=1)


def _near(name: str, known: Iterable[str], otherwise: str) -> str:
    """What to do about a name that isn't known: the likely one meant, or else ``otherwise``."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else f"; {otherwise}"


def _check_page(corpus: Corpus, page: article.Article) -> None:
    """What a page names elsewhere. Where the other end can't be read, that is said there and once, not at each name."""
    project, used, stems = corpus.project, set(), {}
    unread = {finding.rule for finding in corpus.findings}
    unlabelled = False  # a snippet whose labels can't be known
    for block in page.blocks:
        if not block.runs or not block.argument:
            continue
        try:
            block.path, block.region, file = snippet.locate(project.snippets, block.argument)
        except snippet.Fault as fault:
            name = f"snippets/{block.argument}"
            lost = corpus.results.setdefault(
                block.argument, Result(name, "missing", message=fault.message, rule="B-06")
            )
            lost.embeds.append(f"{page.path}:{block.line}")
            page.fault(
                block.line, f"missing: {fault.message}", f"snippets/{block.argument.partition(':')[0]}", rule="B-06"
            )
            unlabelled = True
            continue
        item = corpus.snippets.get(block.path)
        if item is None:
            item = corpus.snippets[block.path] = snippet.parse(block.path, file, block.name == "refute")
        used.add(block.path)
        other = stems.setdefault(item.stem, block.path)
        if other != block.path:
            page.fault(
                block.line,
                f"two snippets of this page are called {item.stem}.py: {other} and {block.path}",
                rule="B-06",
            )
        if (
            block.region
            and block.region not in item.regions
            and not any(f.status in ("syntax", "encoding") for f in item.faults)
        ):
            known = ", ".join(item.regions) or "none"
            page.fault(
                block.line,
                f"the snippet has no region `{block.region}` (there are: {known}); name one of them",
                item.name,
                rule="B-06",
            )
        for fault in item.faults:
            also = f"{item.name}:{fault.line}" if fault.line else item.name
            page.fault(block.line, f"{fault.status}: {fault.message}", also, rule=fault.rule)
        unlabelled = unlabelled or (
            bool(item.faults) and not (item.assertions and all(a.label for a in item.assertions))
        )
    for link in page.links:
        if not link.target:
            continue
        if link.scheme == "proof":
            found = evidence.resolve(page, link, corpus.snippets)
            if isinstance(found, str) and not unlabelled:
                page.fault(link.line, found, rule="E-05")
        elif link.scheme == "article" and link.target not in project.questions:
            hint = _near(link.target, project.questions, "enter the question there first")
            page.fault(link.line, f"`article:{link.target}` names no id of docs/questions.yml{hint}", rule="L-01")
        elif link.scheme == "concept" and link.target not in corpus.concepts and "L-05" not in unread:
            hint = _near(link.target, corpus.concepts, "define it there first")
            page.fault(link.line, f"`concept:{link.target}` names no concept of docs/concepts/*.yml{hint}", rule="L-01")
    for citation in page.citations:
        if citation.key not in corpus.references and "L-04" not in unread:
            hint = _near(citation.key, corpus.references, "enter the source there first")
            page.fault(citation.line, f"`@{citation.key}` is no key of docs/references/*.bib{hint}", rule="L-03")
            hold = [f"`@{citation.key}`", *(f"lists `{key}`" for key in meant(citation.key, corpus.references))]
            page.findings = [f for f in page.findings if f.rule != "A-11" or not any(h in f.message for h in hold)]
    named = page.meta.get("concepts")
    if page.id and "L-05" not in unread and isinstance(named, list) and all(isinstance(name, str) for name in named):
        homed = {c.id for c in corpus.concepts.values() if c.home == page.id}
        for name in page.meta["concepts"]:
            if name not in corpus.concepts:
                page.fault(
                    page.meta_lines["concepts"],
                    f"`concepts` names `{name}`, which is in no docs/concepts/*.yml; define it there first",
                    rule="A-09",
                )
            elif name not in homed:
                page.fault(
                    page.meta_lines["concepts"],
                    f"the home of the concept `{name}` is `{corpus.concepts[name].home}`; take it from `concepts`, or change its home",
                    rule="A-09",
                )
        for name in sorted(homed - set(page.meta["concepts"])):
            concept = corpus.concepts[name]
            page.fault(
                page.meta_lines["concepts"],
                f"`concepts` lacks `{name}`, whose home is this article; add it",
                f"{concept.path}:{concept.line}",
                rule="A-09",
            )


def formulas_of(page: article.Article) -> list[Formula]:
    """All formulas of a page with their lines, those in block options included."""
    found = find_formulas(article.render_source(page))
    for block in page.blocks:
        texts = [(name, value) for name, value in block.options.items() if name in ("claim", "right", "source")]
        if block.name == "followup":
            texts.append(("", block.argument))
        for option, text in texts:
            line = block.option_lines.get(option, block.line)
            found += [Formula(f.tex, f.display, line) for f in find_formulas(" ".join(str(text).split()))]
    return found


def _check_formulas(page: article.Article, formulas: Formulas) -> None:
    for item in formulas_of(page):
        if found := re.search(r"\]\(((?:proof|article|concept):[^)]*)\)", item.tex):
            page.fault(item.line, f"a link inside a formula is none: {found[1]}", rule="F-03")
        try:
            formulas.render(item.tex, item.display)
        except FormulaError as error:
            page.fault(item.line, f"formula: {error}", rule="F-03")


def _check_cycle(corpus: Corpus) -> None:
    graph = {}
    for id_, page in corpus.articles.items():
        needs = page.meta.get("needs")
        graph[id_] = [need for need in needs if isinstance(need, str)] if isinstance(needs, list) else []
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        cycle = error.args[1][::-1]
        first = next(id_ for id_ in cycle if id_ in corpus.articles)
        page = corpus.articles[first]
        page.fault(
            page.meta_lines.get("needs", 1),
            f"`needs` goes in a circle: {' → '.join(cycle)}; take one of them out",
            rule="A-07",
        )


def _tree(project: Project) -> dict[str, tuple[int, int]]:
    """(size, modification time) of every file of the work tree but what builds write."""
    found = {}
    skip = {
        ".git",
        ".venv",
        ".cache",
        "site",
        "site.partial",
        "site.old",
        "node_modules",
        "__pycache__",
        ".pytest_cache",
    }
    stack = [str(project.root)]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.name in skip:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    stack.append(entry.path)
                else:
                    stat = entry.stat(follow_symlinks=False)
                    found[os.path.relpath(entry.path, project.root)] = (stat.st_size, stat.st_mtime_ns)
    return found


def _stray(before: dict, after: dict) -> str:
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return ", ".join(changed[:5])


def select(corpus: Corpus, arguments: list[str], cwd: Path) -> Selection:
    """The pages, snippet paths and labs that PATH arguments mean: an article, a snippet, a lab, or a folder.

    Raises BaguError for a path that doesn't exist or is neither.
    """
    project = corpus.project
    if not arguments:
        return list(corpus.pages.values()), sorted(corpus.snippets), corpus.labs
    pages: list[article.Article] = []
    paths: list[str] = []
    labs: list[lab.Lab] = []
    for argument in arguments:
        target = (cwd / argument).resolve()
        if not target.exists() and (project.root / argument).exists():
            target = (project.root / argument).resolve()
        if not target.exists():
            raise BaguError(Finding(argument, 0, "doesn't exist"))
        inside = [p for p in corpus.pages.values() if (project.root / p.path).resolve().is_relative_to(target)]
        direct = [p for p in corpus.snippets if corpus.snippets[p].file.resolve().is_relative_to(target)]
        practical = [item for item in corpus.labs if item.file.resolve().is_relative_to(target)]
        if not inside and not direct and not practical:
            raise BaguError(Finding(argument, 0, "is neither an article, a snippet, a lab, nor a folder of them"))
        pages += inside
        labs += practical
        paths += direct + [b.path for p in inside for b in p.blocks if b.path in corpus.snippets]
    return pages, sorted(set(paths)), labs
