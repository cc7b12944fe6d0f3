"""What a reviewer wants to see of a change: how the evidence of the work tree differs from that of a git revision.

Both sides are read by this engine. The revision's files are unpacked into a temporary folder, so that nobody's work
tree, index or list of worktrees is touched; its results go through the work tree's cache, where whatever both sides
share is known already. The report is Markdown, for a terminal as well as for a job's summary.
"""

from __future__ import annotations

import difflib
import gzip
import hashlib
import io
import re
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from pathlib import Path

from . import corpus, evidence
from .article import Article, Block
from .cache import key
from .corpus import Corpus
from .errors import BaguError, Finding
from .evidence import Result
from .project import Project
from .render import KIND_NAMES, anchor
from .runner import Runner

LINES = 60  # of one difference that are shown
REPORT = 900_000  # bytes; a job's summary holds 1 MiB
SLOWER, AT_LEAST = 2.0, 0.5  # a time is told when it changed by this factor, and by so many seconds
HEAVIER = 1000  # bytes, compressed, by which a page's weight must change to be told
SURVIVORS = 5  # of a program that are named
Scores = Callable[[Corpus, Runner, list[str]], Mapping[str, list[str]]]


class RevisionError(Exception):
    """There is no such revision, or no git repository here."""


class _Base(Project):
    """A revision's files with the caches of the work tree."""

    def __init__(self, root: Path, head: Project):
        super().__init__(root)
        self._cache = head.cache

    @property
    def cache(self) -> Path:
        return self._cache


def compare(
    project: Project,
    revision: str,
    *,
    runner: Runner | None,
    scores: Scores | None = None,
    sites: tuple[Path, Path] | None = None,
) -> str:
    """The report on ``project`` against ``revision``, Markdown.

    ``runner`` executes what is stale on either side; None compares the committed records and executes nothing.
    ``scores`` tells the mutation score of each of the passed snippets given to it (see ``mutation_scores``).
    ``sites`` are the built sites of the work tree and of the revision, for the weight of their pages.
    Raises RevisionError, and BaguError where the question map of either side can't be read.
    """
    commit = resolve(project.root, revision)
    with unpacked(project.root, commit) as folder:
        try:
            old = corpus.load(_Base(folder, project))
        except BaguError as error:
            raise BaguError(Finding(f"{revision}:{f.path}", f.line, f.message) for f in error.findings) from None
        new = corpus.load(project)  # last, so that the caches keep what the next build needs
        if runner is None:
            corpus.from_records(new)
            corpus.from_records(old)
        else:
            corpus.execute(new, runner, labs=()).all()
            same = _same(old, new)
            corpus.execute(old, runner, old.snippets.keys() - same, labs=()).all()
            old.results |= {path: new.results[path] for path in same}
        snippets, told = _snippets(old, new)
        parts = [
            f"# Evidence against `{revision}` ({commit[:12]})\n",
            *([] if runner else ["Nothing was executed: outputs are the committed records.\n"]),
            *_trouble(new),
            *snippets,
            *_articles(old, new, told),
            *_gone(old, new),
            *_errata(old, new),
            *_explanations(old, new),
            *_scored(new, told, runner, scores),
            *(_weights(*sites) if sites else []),
        ]
    if len(parts) == 1 + (runner is None):
        parts.append("No snippet, article, correction or page weight differs.\n")
    return _capped("\n".join(parts))


def _same(old: Corpus, new: Corpus) -> set[str]:
    """The snippets that are one run on both sides: a difference between two runs of them would be the machine's."""

    def run(side: Corpus, path: str) -> tuple:
        item = side.snippets[path]
        return key(item), item.refutation, corpus.record(item)

    both = (path for path in old.snippets.keys() & new.snippets.keys())
    return {p for p in both if not old.snippets[p].faults and not new.snippets[p].faults and run(old, p) == run(new, p)}


def resolve(root: Path, revision: str) -> str:
    """The commit that a revision names. Raises RevisionError."""
    try:
        inside = _git(root, "rev-parse", "--is-inside-work-tree")
    except FileNotFoundError:
        raise RevisionError("git isn't installed here, and `bagu diff` reads another revision with it") from None
    if inside.returncode:
        raise RevisionError(f"{root} is in no git repository")
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found.returncode:
        raise RevisionError(
            f"`{revision}` is no revision of this repository; fetch it first, or give a branch or commit"
        )
    return found.stdout.decode().strip()


@contextmanager
def unpacked(root: Path, commit: str) -> Iterator[Path]:
    """A temporary folder with the files of a commit as they lie below ``root``; removed whatever happens."""
    with tempfile.TemporaryDirectory(prefix="bagu-diff-") as name:
        archive = _git(root, "archive", "--format=tar", commit)  # in a subfolder: that subfolder
        if archive.returncode:
            raise RevisionError(archive.stderr.decode("utf-8", "replace").strip())
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
            tar.extractall(name, filter=_harmless)
        yield Path(name)


def _harmless(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    """A member as data; one that leads out of the folder is left away, and then missing like any other file."""
    try:
        return tarfile.data_filter(member, folder)
    except tarfile.FilterError:
        return None


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, stdin=subprocess.DEVNULL, check=False)


# --- Snippets --------------------------------------------------------------------------------------------------------


def _snippets(old: Corpus, new: Corpus) -> tuple[list[str], list[str]]:
    """The section, and the paths of the snippets that are new or changed in anything."""
    parts, told, quiet = [], [], []
    for path in sorted(old.results.keys() | new.results.keys()):
        before, after = old.results.get(path), new.results.get(path)
        if after is None:
            parts.append(f"### {_code(before.snippet)}: removed\n")
        elif before is None:
            parts.append(f"### {_code(after.snippet)}: new, {_status(after)}\n\n{_introduced(new, path)}")
            told.append(path)
        else:
            source = [side.snippets[path].source if path in side.snippets else "" for side in (old, new)]
            said = _changes(before, after)
            if said:
                text = "program changed" if source[0] != source[1] else "same program"
                parts.append(f"### {_code(after.snippet)}: {text}\n\n" + "\n".join(said))
            elif source[0] != source[1]:
                quiet.append(_code(after.snippet))
            if said or source[0] != source[1]:
                told.append(path)
    if quiet:
        parts.append(f"Changed programs with the same evidence: {', '.join(quiet)}\n")
    return (["## Snippets\n", *parts] if parts else []), told


def _introduced(side: Corpus, path: str) -> str:
    """What a new snippet brings: its labels, output and figures."""
    result, item = side.results[path], side.snippets.get(path)
    labels = ", ".join(_code(assertion.label) for assertion in item.assertions) if item else ""
    lines = [f"- asserts {labels}\n"] if labels else []
    lines += [_fenced(result.stdout)] if result.stdout.strip() else []
    lines += [f"- draws {_drawn(name, svg)}\n" for name, svg in result.figures]
    return "\n".join(lines)


def _changes(before: Result, after: Result) -> list[str]:
    """Lines on what differs between two results of one snippet; none where the evidence is the same."""
    lines = []
    if (before.status, before.message) != (after.status, after.message):
        lines.append(f"- {_status(before)} → {_status(after)}\n")
    texts = [evidence.comparable(result.stdout).splitlines() for result in (before, after)]
    if texts[0] != texts[1]:
        lines.append(_fenced("\n".join([*difflib.unified_diff(*texts, "old", "new", lineterm="")]), "diff"))
    figures = [dict(result.figures) for result in (before, after)]
    for name in sorted(figures[0].keys() | figures[1].keys()):
        was, is_ = (side.get(name) for side in figures)
        if was != is_:
            ends = [_drawn(name, svg) if svg is not None else "none" for svg in (was, is_)]
            lines.append(f"- figure: {ends[0]} → {ends[1]}\n")
    seconds = before.seconds, after.seconds
    if before.passed and after.passed and _apart(*seconds):
        lines.append(f"- time: {seconds[0]:.2f} s → {seconds[1]:.2f} s\n")
    return lines


def _apart(old: float, new: float) -> bool:
    """Whether two times differ by more than machines do.

    >>> _apart(1.0, 2.6), _apart(2.6, 1.0), _apart(0.1, 0.5), _apart(5.0, 9.0)
    (True, True, False, False)
    """
    low, high = sorted((old, new))
    return high > SLOWER * low and high - low > AT_LEAST


def _status(result: Result) -> str:
    if not result.executed:
        return "not run"
    message = ": ".join(part for part in (result.label, result.message) if part and not result.passed)
    return f"**{result.status}**" + (f" ({escape(message)})" if message else "")


def _drawn(name: str, svg: str) -> str:
    return f"{_code(name)} {len(svg.encode()):,} bytes, {hashlib.sha256(svg.encode()).hexdigest()[:12]}"


# --- Articles and corrections ----------------------------------------------------------------------------------------


def _articles(old: Corpus, new: Corpus, told: list[str]) -> list[str]:
    parts, prose = [], []
    for path in sorted(old.pages.keys() | new.pages.keys()):
        before, after = old.pages.get(path), new.pages.get(path)
        if after is None or before is None:
            parts.append(f"- {_code(path)}: {'removed' if after is None else 'new'}\n")
            parts += [f"    - {line}\n" for line in _typed(None, after, new)] if after else []
            continue
        said = [*_page_changes(before, after), *_typed(before, after, new)]
        if red := [block.path for block in after.blocks if block.path in told]:
            said.append(f"programs: {', '.join(_code(name) for name in dict.fromkeys(red))}")
        if said:
            parts.append(f"- {_code(path)}\n" + "".join(f"    - {line}\n" for line in said))
        elif before.text != after.text:
            prose.append(_code(path))
    for name in _changed_labs(old, new):
        parts.append(f"- lab {_code(name)}: changed (labs aren't executed for this report)\n")
    if prose:
        parts.append(f"- text alone: {', '.join(prose)}\n")
    return ["## Articles\n", "".join(parts)] if parts else []


def _page_changes(before: Article, after: Article) -> list[str]:
    """What differs in an article's front matter, blocks and proof links, a line each."""
    said = []
    for name in sorted(before.meta.keys() | after.meta.keys()):
        values = [page.meta.get(name) for page in (before, after)]
        if values[0] != values[1]:
            said.append(f"{_code(name)}: {_value(values[0])} → {_value(values[1])}")
    for what, of in (("block", _block_names), ("proof link", _proof_links)):
        counts = [Counter(of(page)) for page in (before, after)]
        said += [f"{what} gone: {name}" for name in (counts[0] - counts[1])]
        said += [f"{what} new: {name}" for name in (counts[1] - counts[0])]
    return said


def _block_names(page: Article) -> Iterable[str]:
    return (f"{block.name} {_code(block.argument)}" for block in page.blocks if block.runs or block.name == "followup")


def _proof_links(page: Article) -> Iterable[str]:
    return (f"{escape(link.text)} ({_code(link.target)})" for link in page.links if link.scheme == "proof")


def _typed(before: Article | None, after: Article, new: Corpus) -> Iterable[str]:
    """Numbers in new proof links that no program computes: nothing fails when they are wrong."""
    known = {(link.text, link.target) for link in before.links} if before else set()
    for link in after.links:
        found = evidence.resolve(after, link, new.snippets) if link.scheme == "proof" else ""
        if isinstance(found, str) or (link.text, link.target) in known:
            continue
        item, assertion = found
        result = new.results[item.path]
        if result.passed and result.executed and (typed := evidence.typed_numbers(link, item, assertion, result)):
            numbers = ", ".join(dict.fromkeys(typed))
            yield f"typed, not computed: {numbers} in {escape(link.text)} ({_code(link.target)}, {_code(item.name)})"


def _gone(old: Corpus, new: Corpus) -> list[str]:
    """Ids that were there and aren't: addresses, learning cards and marks in readers' browsers hang on them."""

    def ids(side: Corpus) -> dict[str, list[str]]:
        return {
            "article": list(side.articles),
            "concept": list(side.concepts),
            "follow-up": [
                f"{page.id}/{block.options.get('id')}"
                for page in side.articles.values()
                for block in page.blocks
                if block.name == "followup"
            ],
        }

    after = ids(new)
    lost = [f"- {what} {_code(id_)}\n" for what, before in ids(old).items() for id_ in before if id_ not in after[what]]
    return ["## Ids that are gone: readers' cards and links lose their place\n", "".join(lost)] if lost else []


def _explanations(old: Corpus, new: Corpus) -> list[str]:
    """What ``audit.yml`` excuses now and didn't, and the reverse, each with its reason."""
    from . import audit

    def entries(side: Corpus) -> Counter[str]:
        told: Counter[str] = Counter()
        for e in audit.explain(side)[0]:
            what = f"{', '.join(e.mutations)} on {_code(e.line)}" if e.line else f"no witness of {_code(e.label)}"
            told[f"{_code(e.snippet)}: {what}: {_value(e.why)}"] += 1
        return told

    before, after = entries(old), entries(new)
    parts = [f"- gone: {line}\n" for line in before - after] + [f"- new: {line}\n" for line in after - before]
    return ["## Explanations of survivors (`audit.yml`)\n", "".join(parts)] if parts else []


def _changed_labs(old: Corpus, new: Corpus) -> list[str]:
    sources = [
        {side.project.relative(lab.file): lab.file.read_bytes() for lab in side.labs if lab.file.is_file()}
        for side in (old, new)
    ]
    return sorted(
        name for name in sources[0].keys() | sources[1].keys() if sources[0].get(name) != sources[1].get(name)
    )


def _errata(old: Corpus, new: Corpus) -> list[str]:
    """Corrections that are new, reworded or gone, by page and anchor."""
    sides = [
        {
            (page.path, anchor(block)): block
            for page in side.articles.values()
            if not page.findings
            for block in page.blocks
            if block.name in ("refute", "correct")
        }
        for side in (old, new)
    ]
    parts = []
    for where in sorted(sides[0].keys() | sides[1].keys()):
        before, after = (side.get(where) for side in sides)
        if before and after and before.options == after.options:
            continue
        word = "new" if before is None else "gone" if after is None else "reworded"
        block = after or before
        options = block.options
        predicted, found = _sides(new, block) if after else ("", "")
        parts.append(
            f"- {word}: {_code(where[0])} ({KIND_NAMES[options['kind']]}, {options['since']})\n"
            f"    - ✗ {_value(options['claim'])}{predicted}\n    - ✓ {_value(options['right'])}{found}\n"
        )
    return ["## Corrections\n", "".join(parts)] if parts else []


def _sides(side: Corpus, block: Block) -> tuple[str, str]:
    """How the program of a refutation makes ``claimed`` and ``actual``, and what it prints of them: are they exchanged?"""
    item, result = side.snippets.get(block.path), side.results.get(block.path)
    if item is None or result is None:
        return "", ""
    made = {}
    for line in item.lines:
        if match := re.match(r"(claimed|actual)\b[^=]*=(?!=)", line):
            made[match[1]] = f" ⇐ {_code(line)}"
        elif match := re.match(r"(?:claimed, actual|actual, claimed) =", line):
            made["claimed"] = made["actual"] = f" ⇐ {_code(line)}"
    printed = [line for line in result.stdout.splitlines() if re.search(r"\b(?:claim|actual)", line, re.IGNORECASE)]
    prints = f"\n    - prints {', '.join(map(_code, printed[:3]))}" if printed else ""
    return made.get("claimed", ""), made.get("actual", "") + prints


def _trouble(new: Corpus) -> list[str]:
    count = len(new.findings)
    return [f"**Findings without execution: {count}; `bagu check` lists them.**\n"] if count else []


# --- Mutation score, page weight -------------------------------------------------------------------------------------


def mutation_scores(side: Corpus, runner: Runner, paths: list[str]) -> dict[str, list[str]]:
    """{path: [how many mutants its assertions noticed, those that they didn't]}, by ``bagu audit``'s usual sample."""
    from . import audit

    told = {}
    for made in audit.audit(side, runner, paths)[0]:
        killed, survivors = len(made.counted("killed")), made.survivors()
        lines = [
            f"line {m.line}: {m.change}{f' (explained: {_value(entry.why)})' if entry else ''}"
            for m, entry in survivors[:SURVIVORS]
        ]
        lines += ["…"] if len(survivors) > SURVIVORS else []
        told[made.snippet.path] = [f"{killed} of {killed + len(survivors)} mutants noticed", *lines]
    return told


def _scored(new: Corpus, told: list[str], runner: Runner | None, scores: Scores | None) -> list[str]:
    passed = [path for path in told if new.results[path].passed]
    found = scores(new, runner, passed) if scores and runner and passed else {}
    rows = [
        f"- {_code(new.results[path].snippet)}: {score}\n" + "".join(f"    - {line}\n" for line in survivors)
        for path, (score, *survivors) in found.items()
    ]
    return ["## Mutation score of what is new\n", "".join(rows)] if rows else []


def _weights(site: Path, base: Path) -> list[str]:
    """Pages whose compressed HTML weighs visibly more or less, and the sum of everything."""
    old, new = (_sizes(folder) for folder in (base, site))
    rows = []
    for name in sorted(old.keys() | new.keys()):
        if name.endswith(".html") and abs(new.get(name, 0) - old.get(name, 0)) >= HEAVIER:
            rows.append(f"| {_code(name)} | {_kb(old.get(name))} | {_kb(new.get(name))} |\n")
    total = f"| all {len(new)} files | {_kb(sum(old.values()))} | {_kb(sum(new.values()))} |\n"
    return ["## Page weight, kB compressed\n", "".join(["| page | old | new |\n|---|--:|--:|\n", *rows, total])]


def _sizes(folder: Path) -> dict[str, int]:
    """{path: bytes} of a site's files, compressed as a server would."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {p.relative_to(folder).as_posix(): len(gzip.compress(p.read_bytes(), 6, mtime=0)) for p in files}


def _kb(size: int | None) -> str:
    return "–" if size is None else f"{size / 1000:,.1f}"


# --- Markdown --------------------------------------------------------------------------------------------------------


def _fenced(text: str, language: str = "text") -> str:
    """A code block that its own text can't close, cut after LINES lines."""
    lines = text.splitlines()
    if len(lines) > LINES:
        lines = [*lines[:LINES], f"… {len(lines) - LINES} more lines"]
    longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return "\n".join([fence + language, *lines, fence]) + "\n"


def _code(text: str) -> str:
    """Somebody's text as inline code, on one line, in a table too."""
    return f"<code>{escape(' '.join(str(text).split())).replace('|', '&#124;').replace('`', '&#96;')}</code>"


def _value(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return escape(" ".join(text.split())) or "(nothing)"


def _capped(report: str) -> str:
    raw = report.encode()
    if len(raw) <= REPORT:
        return report
    return raw[:REPORT].decode("utf-8", "ignore") + "\n\n(The report is longer than a summary may be.)\n"
