"""The command: run, check, accept, audit, diff, export, new, doctor. Exit 0 good, 1 findings, 2 usage, 130 interrupted."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from . import __version__, article, corpus, evidence, exports, skeleton
from .errors import BaguError, Finding
from .exports import KINDS
from .formula import Formulas
from .project import Project, find_root, write_atomically
from .runner import Runner

FINDINGS, USAGE, INTERRUPTED = 1, 2, 130
RAN = ("passed", "output", "no-record")  # statuses of a program with nothing wrong but its record
OTHER_SEED = 1  # of hashing and of the global generators, when a program that is accepted runs again
PATHS = "an article, a snippet, a lab, or a folder of them; none: all"


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of ``bagu`` and ``python -m bagu``; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except UsageError as error:
        print(f"bagu: {error}", file=sys.stderr)
        return USAGE
    except BaguError as error:
        _print(error.findings)
        return FINDINGS
    except BrokenPipeError:
        return FINDINGS
    except KeyboardInterrupt:
        print("bagu: interrupted; what had passed before is kept", file=sys.stderr)
        return INTERRUPTED


class UsageError(Exception):
    """The command was called with something that doesn't exist or doesn't fit."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bagu",
        description="Run and check the snippets that the articles stand on.",
        epilog="Exit codes: 0 good, 1 findings, 2 usage, 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"bagu {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function: object, summary: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=summary, description=summary)
        sub.set_defaults(command=function)
        return sub

    sub = command(
        "run", run, "Execute snippets and judge them: assertions, output against record, numbers in proof links."
    )
    sub.add_argument("paths", nargs="*", metavar="PATH", help=PATHS)
    sub.add_argument("--fresh", action="store_true", help="execute everything again, whatever the cache holds")
    sub.add_argument(
        "--seed",
        type=_positive,
        default=0,
        metavar="N",
        help="execute everything under another seed, hashing included: assertions must hold, printed numbers may differ",
    )
    sub.add_argument(
        "--jobs", type=_positive, metavar="N", help="snippets at once (default: the number of cores, at least 2)"
    )
    sub.add_argument("--json", metavar="FILE", help="write the results to FILE as well (-: standard output)")
    sub = command("check", check, "Check articles and snippets by every rule that needs no execution, in seconds.")
    sub.add_argument("paths", nargs="*", metavar="PATH", help=PATHS)
    sub.add_argument("--fix", action="store_true", help="mend what a machine can: spacing, punctuation, layout, order")
    sub = command(
        "accept", accept, "Run snippets, show how their output differs from the record, and write the record."
    )
    sub.add_argument("paths", nargs="*", metavar="PATH", help=PATHS)
    sub.add_argument("--jobs", type=_positive, metavar="N", help=argparse.SUPPRESS)
    sub = command("audit", audit, "Change snippets in small ways, one at a time, and report what no assertion notices.")
    sub.add_argument("paths", nargs="*", metavar="PATH", help=PATHS)
    sub.add_argument("--all", action="store_true", help="run every mutant, not a sample of each snippet")
    sub.add_argument("--jobs", type=_positive, metavar="N", help="mutants at once (default: as for run)")
    sub.add_argument("--json", metavar="FILE", help="write the report to FILE as well (-: standard output)")
    sub = command(
        "diff",
        diff,
        "Say how the evidence differs from that of a git revision: what a reviewer wants to see, Markdown.",
    )
    sub.add_argument("base", metavar="BASE", help="a branch, tag or commit (origin/main, say)")
    sub.add_argument("--no-run", action="store_true", help="compare the committed records, execute nothing")
    sub.add_argument("--jobs", type=_positive, metavar="N", help=argparse.SUPPRESS)
    sub.add_argument("--no-audit", action="store_true", help="leave the mutation score of what is new out")
    sub.add_argument("--site", metavar="DIR", type=Path, help="the built site, for the weight of its pages")
    sub.add_argument("--base-site", metavar="DIR", type=Path, help="the site as BASE builds it")
    sub = command(
        "export", export, "Make what readers take along of the built site; what is there already isn't made again."
    )
    sub.add_argument(
        "kind", metavar="KIND", choices=list(KINDS), help="; ".join(f"{k}: {v.summary}" for k, v in KINDS.items())
    )
    sub.add_argument(
        "--folder", action="append", default=[], metavar="F", help="of the book: only the articles of docs/F"
    )
    sub.add_argument("--article", action="append", default=[], metavar="ID", help="of the book: only this article")
    sub.add_argument("--site", metavar="DIR", type=Path, help="the built site (default: site)")
    sub.add_argument("--output", "-o", metavar="FILE", type=Path, help="where to write (default: in dist)")
    sub = command("new", new, "Begin an article: the page and its first snippet, ready to be filled in.")
    sub.add_argument("id", metavar="ID", help="an id of docs/questions.yml")
    command("doctor", doctor, "Say what this machine lacks, and what that means.")
    return parser


def run(options: argparse.Namespace) -> int:
    """``bagu run``."""
    try:
        loaded, pages, paths, labs = _load(options.paths)
    except BaguError:  # the question map itself: told by main(), and no report of an earlier run may stand
        _report(options, [], False)
        raise
    with _runner(loaded.project, options.jobs, options.seed) as runner:
        corpus.execute(loaded, runner, paths, labs, fresh=options.fresh).all()
    missing = [
        key for key in loaded.results if key not in loaded.snippets and _concerns(loaded.results[key].embeds, pages)
    ]
    findings = [f for f in loaded.findings if _wanted(f, pages, paths, loaded)]
    findings += corpus.check_results(loaded, pages, numbers=not options.seed)
    embedded = {block.path for page in pages for block in page.blocks}
    for path in paths:
        if path not in embedded:
            findings += loaded.results[path].findings()
    results = [loaded.results[path] for path in [*paths, *missing]]
    _report(options, results, not findings)
    _print(findings)
    passed, cached = sum(r.passed for r in results), sum(r.cached for r in results)
    said = sys.stderr if options.json == "-" else sys.stdout
    if lacking := corpus.lacking(results):
        print(lacking, file=said)
    if results or not labs:
        print(f"{passed} of {len(results)} snippets passed, {cached} of them from the cache", file=said)
    if labs:
        exercises = [(item, cells) for item in labs for cells in item.exercises.values()]
        red = [(f.path, f.line) for f in loaded.lab_findings]
        held = sum(not any((item.path, cell.line) in red for cell in cells) for item, cells in exercises)
        print(f"{held} of {len(exercises)} exercises hold", file=said)
    return FINDINGS if findings else 0


def _report(options: argparse.Namespace, results: list[evidence.Result], ok: bool) -> None:
    """What ``--json`` asks for, if anything."""
    if not options.json:
        return
    _write(options, {"schema": 1, "ok": ok, "results": [result.as_json() for result in results]})


def _write(options: argparse.Namespace, report: dict) -> None:
    text = json.dumps(report, ensure_ascii=False, indent=2) + "\n"
    if options.json == "-":
        print(text, end="")
        return
    try:
        write_atomically(Path(options.json), text)
    except OSError as error:
        raise UsageError(f"{options.json}: {error.strerror}") from None


def check(options: argparse.Namespace) -> int:
    """``bagu check``."""
    from . import review

    scope = review.Scope(*_load(options.paths), whole=not options.paths)
    if options.fix and (mended := review.fix(scope)):
        print("\n".join(mended))
        scope = review.Scope(*_load(options.paths), whole=not options.paths)
    findings = review.check(scope)
    _print(findings)
    if not findings:
        print(f"{len(scope.pages)} pages and {len(scope.paths)} snippets checked, nothing executed: good")
    return FINDINGS if findings else 0


def accept(options: argparse.Namespace) -> int:
    """``bagu accept``."""
    loaded, pages, paths, labs = _load(options.paths)
    with _runner(loaded.project, options.jobs) as runner:
        corpus.execute(loaded, runner, paths, ()).all()
    refused, written = [], 0
    results = {path: loaded.results[path] for path in paths}
    new = []
    for path, result in results.items():
        record = corpus.record(loaded.snippets[path])
        if result.status not in RAN:
            refused += result.findings()
        elif record is None or evidence.comparable(record) != evidence.comparable(result.stdout):
            new.append(path)
    if new:
        with _runner(loaded.project, options.jobs, OTHER_SEED) as runner:
            corpus.execute(loaded, runner, new, ()).all()
    for path in new:
        item, result, record = loaded.snippets[path], results[path], corpus.record(loaded.snippets[path])
        if found := evidence.check_again(item, result, loaded.results[path]):
            refused.append(found)
            continue
        print(f"{item.name.removesuffix('.py')}.out: {'new' if record is None else 'changed'}")
        shown = result.stdout if record is None else evidence.difference(record, result.stdout)
        print("\n".join(f"    {line}" for line in shown.splitlines()))
        write_atomically(item.record, result.stdout)
        written += 1
    _print(refused)
    print(f"{written} records written, {len(paths) - written - len({f.also or f.path for f in refused})} unchanged")
    return FINDINGS if refused else 0


def audit(options: argparse.Namespace) -> int:
    """``bagu audit``."""
    from . import audit as auditing

    loaded, _, paths, _ = _load(options.paths)
    with _runner(loaded.project, options.jobs) as runner:
        corpus.execute(loaded, runner, paths, ()).all()
        red = [finding for path in paths for finding in loaded.results[path].findings()]
        passed = [path for path in paths if loaded.results[path].passed]
        audits, faults = auditing.audit(loaded, runner, passed, everything=options.all)
    findings = red + faults + auditing.findings(loaded, audits)
    if options.json:
        _write(options, auditing.as_json(loaded, audits, findings))
    _print(findings)
    said = sys.stderr if options.json == "-" else sys.stdout
    print(auditing.table(loaded, audits), file=said)
    for line in auditing.refuted(loaded, audits) if options.paths else ():
        print(line, file=said)
    return FINDINGS if findings else 0


def diff(options: argparse.Namespace) -> int:
    """``bagu diff``."""
    from . import diff as difference

    sites = options.site, options.base_site
    if (sites[0] is None) != (sites[1] is None):
        raise UsageError("--site and --base-site belong together")
    for folder in sites:
        if folder is not None and not folder.is_dir():
            raise UsageError(f"{folder} is no folder")
    project = _project()
    given = {"sites": sites if sites[0] else None}
    try:
        if options.no_run:
            report = difference.compare(project, options.base, runner=None, **given)
        else:
            with _runner(project, options.jobs) as runner:
                scores = None if options.no_audit else difference.mutation_scores
                report = difference.compare(project, options.base, runner=runner, scores=scores, **given)
    except difference.RevisionError as error:
        raise UsageError(str(error)) from None
    print(report)
    return 0


def export(options: argparse.Namespace) -> int:
    """``bagu export``."""
    if (options.folder or options.article) and not KINDS[options.kind].chosen:
        raise UsageError(f"--folder and --article don't apply to {options.kind}")
    project = _project()
    site = (options.site or project.root / "site").resolve()
    output = options.output.resolve() if options.output else None
    file, new = exports.export(project, options.kind, site, output, options.folder, options.article)
    print(
        f"{project.relative(file)}: {file.stat().st_size / 1e6:.1f} MB{'' if new else ', as it was: nothing has changed'}"
    )
    return 0


def new(options: argparse.Namespace) -> int:
    """``bagu new``."""
    project = _project()
    question = project.questions.get(options.id)
    if question is None:
        import difflib

        close = difflib.get_close_matches(options.id, project.questions, n=3)
        hint = f"; did you mean {', '.join(close)}?" if close else "; enter it in docs/questions.yml first"
        raise UsageError(f"`{options.id}` is no id of docs/questions.yml{hint}")
    page = project.docs / question.folder / f"{question.id}.md"
    program = project.snippets / question.folder / question.id / "first.py"
    for path in (page, program):
        if path.exists():
            raise UsageError(f"{project.relative(path)} exists already")
    relative = program.relative_to(project.snippets).as_posix()
    write_atomically(page, skeleton.page(question, relative, datetime.date.today().isoformat()))
    write_atomically(program, skeleton.program(question))
    print(f"{project.relative(page)}\n{project.relative(program)}")
    print(
        f"Next: write, then `bagu accept {project.relative(program)}`, `bagu run {project.relative(page)}`, `make serve`."
    )
    return 0


def doctor(options: argparse.Namespace) -> int:
    """``bagu doctor``."""
    from . import doctor as checks

    return FINDINGS if checks.report(_project()) else 0


def _project() -> Project:
    try:
        return Project(find_root(Path.cwd()))
    except BaguError as error:
        raise UsageError(str(error)) from None


def _load(arguments: list[str]) -> tuple[corpus.Corpus, *corpus.Selection]:
    project = _project()
    formulas = Formulas(project.cache / "formulas.json")
    loaded = corpus.load(project, formulas)
    formulas.save()
    try:
        chosen = corpus.select(loaded, arguments, Path.cwd())
    except BaguError as error:
        raise UsageError(str(error)) from None
    return loaded, *chosen


def _wanted(finding: Finding, pages: list[article.Article], paths: list[str], loaded: corpus.Corpus) -> bool:
    """Whether a finding concerns what was asked for; a fault outside every article (a .bib, the map) always does."""
    if finding.path in loaded.pages:
        return any(page.path == finding.path for page in pages) or any(
            f"snippets/{p}" == finding.also.partition(":")[0] for p in paths
        )
    return True


def _concerns(embeds: list[str], pages: list[article.Article]) -> bool:
    return any(embed.rpartition(":")[0] == page.path for embed in embeds for page in pages)


def _print(findings: Iterable[Finding]) -> None:
    """Each finding once, sorted; the same fault may have been found by two steps."""
    seen = set()
    for finding in sorted(findings):
        head = (finding.path, finding.line, finding.also, finding.message)
        if head not in seen:
            seen.add(head)
            print(finding, file=sys.stderr)


class _runner:
    """A runner that is closed whatever happens, with a progress line on a terminal."""

    def __init__(self, project: Project, jobs: int | None, seed: int = 0):
        self.runner = Runner(project.cache, jobs, self._progress if sys.stderr.isatty() else None, seed)

    def __enter__(self) -> Runner:
        return self.runner

    def __exit__(self, *_: object) -> None:
        self.runner.close()

    def _progress(self, done: int, total: int) -> None:
        print(f"\r{done}/{total} runs", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return value
