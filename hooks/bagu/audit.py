"""Is the evidence vacuous? Runs mutants of each snippet and reports what its assertions don't notice.

A mutant is **killed** when a labelled assertion fails, **survives** when the program runs to its end as if nothing had
happened, and is **void** when it goes red in another way (a crash, a time limit, an assertion never reached), which
says nothing about assertions. The score is killed / (killed + survived). Mutants of inputs stay out of it (see
``mutation``). A label has a **witness** when some mutant outside its assertion fails that very label.

A program that types in a seed runs again under others: a label that fails then holds by the luck of a draw. Where changes
survive below a comparison with a tolerance, how far apart the two sides are is told beside the room that it leaves.

A survivor may be explained in ``audit.yml`` beside the snippets; an explanation that fits no survivor is a finding too.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import difflib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import yaml

from . import claims, evidence
from .cache import distributions, key, locked
from .corpus import Corpus
from .errors import Finding
from .mutation import TOLERANCE, Mutant, Program, mutants, reseeded, seeds
from .project import Loader, write_atomically
from .runner import LEVELS, Job, Runner
from .snippet import Assertion, Snippet, content_key

# Mutants of a snippet in the usual mode, before the search for witnesses: fewer, the heavier the libraries it imports.
SAMPLE = {0: 16, LEVELS.index("torch"): 12, LEVELS.index("transformers"): 8}
CHUNK = 8  # mutants of a snippet that each round of that search adds
SAVED = 100  # mutants that run before outcomes are written down
NAME = "audit.yml"
REASON = 20  # characters of an explanation, at least
VERSION, KEPT = 2, 50_000
STEPS = (1, 2, 3)  # added to a program's seeds
RESEEDED = "another seed"  # the ``mutation`` of an explanation, on the assertion's line
ROOM = 10  # times the distance of two sides, from which on a tolerance is wide
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant. ``shown``: it printed something else, so the record would have told, if no assertion."""

    status: str  # killed, survived, void
    labels: tuple[str, ...] = ()
    why: str = ""
    shown: bool = False
    cpu: float = 0.0  # seconds that its run took


@dataclass
class Explanation:
    """An entry of ``audit.yml``: why a survivor on a line (given by its text), or a label without witness, is right."""

    path: str
    row: int
    snippet: str
    line: str
    mutations: tuple[str, ...]
    label: str
    why: str
    used: set[str] = field(default_factory=set)


@dataclass
class Audit:
    """One snippet under audit: its mutants, what became of those that ran, and what ``audit.yml`` says of it."""

    snippet: Snippet
    result: evidence.Result  # of the snippet itself
    mutants: list[Mutant]
    explanations: list[Explanation]
    outcomes: dict[Mutant, Outcome] = field(default_factory=dict)
    turned_red: bool = False  # a refutation, with claimed = actual
    everything: bool = False
    reseeded: dict[int, Outcome] = field(default_factory=dict)  # by step
    distances: dict[int, tuple[float, float]] = field(default_factory=dict)  # by assertion: (apart, tolerance)

    def __post_init__(self) -> None:
        self.program = Program(self.snippet.source)
        self.core = [m for m in self.mutants if m.kind != "input"]
        self._drawing = self.program.drawing()

    def counted(self, status: str) -> list[Mutant]:
        """The mutants with a status, those of inputs left out."""
        return [m for m in self.core if m in self.outcomes and self.outcomes[m].status == status]

    @property
    def score(self) -> float | None:
        """The share of the mutants that an assertion noticed; None where none ran to a verdict."""
        return score(len(self.counted("killed")), len(self.counted("survived")))

    def text(self, mutant: Mutant) -> str:
        """The source line that a mutant changes, as ``audit.yml`` gives it."""
        return self.snippet.lines[mutant.line - 1].strip()

    def explanation(self, mutant: Mutant) -> Explanation | None:
        line = self.text(mutant)
        return next((e for e in self.explanations if e.line == line and mutant.change in e.mutations), None)

    def survivors(self) -> list[tuple[Mutant, Explanation | None]]:
        return [(mutant, self.explanation(mutant)) for mutant in self.counted("survived")]

    def job(self, mutant: Mutant) -> Job:
        """The run of a mutant: soft, without drawing, stopped soon after the computing that the snippet itself needs.

        The limit of computing is close, because load doesn't change it; the clock's only ends those that wait for ever,
        which happens where processes wait for each other: elsewhere a run that takes long is one that load holds up.
        """
        source = self.snippet.source
        drawn = [(start, end, "pass" + "\n" * source.count("\n", start, end)) for start, end in self._drawing]
        for start, end, new in sorted([(mutant.start, mutant.end, mutant.new), *drawn], reverse=True):
            source = source[:start] + new + source[end:]
        return self.variant(source)

    def variant(self, source: str) -> Job:
        """The run of a program in this one's place."""
        seconds = 3 * self.snippet.header.seconds
        if self.snippet.header.network == "loopback":
            seconds = min(seconds / 3, round(3 * self.result.seconds + 2, 1))
        header = dataclasses.replace(self.snippet.header, seconds=seconds)
        mutated = dataclasses.replace(self.snippet, source=source, header=header)
        versions = distributions(list(self.snippet.imports))
        name = content_key("mutant", key(mutated), self.result.stdout, json.dumps(versions))
        # A machine in another minute takes twice as long for the same; what is stopped here has gone into a loop.
        return Job(name, mutated, soft=True, cpu=round(3 * self.result.cpu + 1, 2))

    def others(self) -> dict[int, Job]:
        """The program's runs under other seeds, by step; none where it types in no seed."""
        source = self.snippet.source
        return {step: self.variant(reseeded(source, step)) for step in STEPS} if seeds(source) else {}

    def luck(self) -> list[tuple[Assertion, list[int]]]:
        """The assertions that fail under other seeds, each with the steps."""
        failed = {
            a: [step for step, outcome in sorted(self.reseeded.items()) if a.label in outcome.labels]
            for a in self.snippet.assertions
        }
        return [(assertion, steps) for assertion, steps in failed.items() if steps]

    def wide(self) -> list[tuple[Assertion, str, int]]:
        """(assertion, its comparison, how many survivors fit in) of tolerances far wider than what they compare."""
        loose = [m for m, entry in self.survivors() if entry is None and self.outcomes[m].shown]
        found = []
        for index, (left, tolerance) in claims.tolerances(self.program.asserts).items():
            lines = self.program.lines([left])
            count = sum(m.line in lines for m in loose)
            apart, room = self.distances.get(index, (0.0, 0.0))
            if count and room > max(ROOM * apart, TOLERANCE):
                found.append((self.snippet.assertions[index], f"{ast.unparse(left)} < {ast.unparse(tolerance)}", count))
        return found

    def witness(self, assertion: Assertion) -> str:
        """How the label was seen to fail, or "" where no mutant that means anything failed it."""
        node = self.program.asserts[self.snippet.assertions.index(assertion)]
        for mutant, outcome in self.outcomes.items():
            if assertion.label in outcome.labels and self._means(mutant, node):
                return f"{mutant.line}: {mutant.change}"
        names = {name.id for name in ast.walk(node.test) if isinstance(name, ast.Name)}
        actual = ast.Name("actual", ast.Load())
        refuting = self.turned_red and assertion.label.startswith("not-") and {"claimed", "actual"} <= names
        return "claimed = actual" if refuting and self.program.computes([actual]) else ""

    def _means(self, mutant: Mutant, node: ast.Assert) -> bool:
        """A changed literal shows nothing where the assertion compares with that literal, or where all are literals."""
        if mutant.value is None:
            return True
        written = {float(n) for n in _NUMBER.findall(ast.unparse(node.test))}
        return float(mutant.value) not in written and self.program.computes([node.test])

    def without_witness(self) -> list[Assertion]:
        return [a for a in self.snippet.assertions if not self.witness(a)]

    def sample(self) -> list[Mutant]:
        """A fixed number of mutants, the same ones each time, spread over lines first and over kinds next."""
        level = Job("", self.snippet).level
        return _spread(self.core)[: SAMPLE[max(index for index in SAMPLE if index <= level)]]

    def search(self, count: int) -> list[Mutant]:
        """The next mutants that could fail a label which none has failed yet; none where there is no such label."""
        explained = set() if self.everything else {e.label for e in self.explanations}
        missing = [a for a in self.without_witness() if a.label not in explained]
        wanted = [self.program.asserts[self.snippet.assertions.index(a)] for a in missing]
        if not wanted:
            return []
        lines = self.program.lines(node.test for node in wanted)
        left = [m for m in self.mutants if m not in self.outcomes]
        return sorted(_spread(left), key=lambda m: (m.line not in lines, m.kind == "input"))[:count]


def score(killed: int, survived: int) -> float | None:
    """killed / (killed + survived), or None where there is neither."""
    return killed / (killed + survived) if killed + survived else None


def _spread(chosen: list[Mutant]) -> list[Mutant]:
    """All mutants in an order in which any beginning covers many lines, and many kinds of each line."""
    by_line: dict[int, list[Mutant]] = defaultdict(list)
    for mutant in chosen:
        by_line[mutant.line].append(mutant)
    ranked = []
    for line, group in by_line.items():
        seen: dict[str, int] = defaultdict(int)
        for mutant in group:
            ranked.append((seen[mutant.kind], mutant.kind, line, mutant.start, mutant))
            seen[mutant.kind] += 1
    order, turn = [], defaultdict(int)
    for *_, line, _, mutant in sorted(ranked, key=lambda r: r[:4]):
        order.append((turn[line], content_key(str(line)), mutant))
        turn[line] += 1
    return [mutant for *_, mutant in sorted(order, key=lambda o: o[:2])]


def judge(snippet: Snippet, facts: dict | None, stdout: str) -> Outcome:
    """The outcome of a mutant's run; what it did after a label had failed doesn't matter."""
    if facts is None:
        return Outcome("void", why="lost")
    cpu = facts["cpu"] or 0.0
    labels = dict.fromkeys(snippet.assertions[index].label for index, _ in facts["fails"])
    if labels:
        return Outcome("killed", tuple(labels), cpu=cpu)
    verdict = evidence.judge(snippet, facts, facts["stdout"])
    if not verdict.passed:
        return Outcome("void", why=f"{verdict.status}: {verdict.message}"[:120], cpu=cpu)
    return Outcome("survived", shown=not evidence.same_output(stdout, facts["stdout"]), cpu=cpu)


def audit(
    corpus: Corpus, runner: Runner, paths: Iterable[str], *, everything: bool = False
) -> tuple[list[Audit], list[Finding]]:
    """Run mutants of snippets that have passed; returns the audits and the faults of ``audit.yml`` themselves.

    ``everything`` runs all mutants; otherwise a fixed sample of each snippet. Both go on until each label has a witness
    or no mutant is left. What has run is kept in the cache even if this is interrupted.
    """
    explanations, faults = explain(corpus)
    audits = []
    for path in paths:
        item, result = corpus.snippets[path], corpus.results[path]
        own = [e for e in explanations if e.snippet == item.name]
        made = Audit(item, result, mutants(item.source), own, turned_red=item.refutation, everything=everything)
        audits.append(made)
    kept = _Cache(corpus.project.cache / "audit.json")
    batch = [(a, m) for a in audits for m in (a.core if everything else a.sample())]
    while batch:
        for start in range(0, len(batch), SAVED):
            _run(batch[start : start + SAVED], runner, kept)
        batch = [(a, m) for a in audits for m in a.search(CHUNK)]
    _reseed(audits, runner, kept)
    _measure(audits, runner)
    return audits, faults


def _reseed(audits: list[Audit], runner: Runner, kept: _Cache) -> None:
    """Run the programs under other seeds."""
    jobs = [(made, step, job) for made in audits for step, job in made.others().items()]
    done = _facts(runner, [job for *_, job in jobs if job.key not in kept.entries])
    for made, step, job in jobs:
        made.reseeded[step] = kept.get(job.key) or judge(made.snippet, done[job.key], made.result.stdout)
        if made.reseeded[step].status != "void":
            kept.put(job.key, made.reseeded[step])
    kept.save()


def _measure(audits: list[Audit], runner: Runner) -> None:
    """Run the programs that changes survive below a tolerance, to see how far apart the two sides are, under any seed."""
    loose = [a for a in audits if any(e is None and a.outcomes[m].shown for m, e in a.survivors())]
    programs = [(made, reseeded(made.snippet.source, step)) for made in loose for step in (0, *STEPS)]
    measured = {(made.snippet.path, source): (made, claims.measured(source)) for made, source in programs}
    jobs = [(made, made.variant(new)) for (_, old), (made, new) in measured.items() if new != old]
    done = _facts(runner, [job for _, job in jobs])
    for made, job in jobs:
        for index, said in ((done[job.key] or {}).get("passes") or {}).items():
            pairs = [tuple(map(float, text.split()[-2:])) for text in said if text.startswith(claims.MEASURED)]
            pairs += [made.distances[int(index)]] if int(index) in made.distances else []
            made.distances |= {int(index): max(pairs)} if pairs else {}


def _facts(runner: Runner, jobs: list[Job]) -> dict[str, dict | None]:
    if not jobs:
        return {}
    runner.submit(jobs)
    return runner.wait()


def _run(batch: list[tuple[Audit, Mutant]], runner: Runner, kept: _Cache) -> None:
    jobs = [(made, mutant, made.job(mutant)) for made, mutant in batch]
    runner.submit([job for *_, job in jobs if job.key not in kept.entries])
    try:
        runner.wait()
    finally:
        done = dict(runner.results)  # all of them, or those before an interruption
        for made, mutant, job in jobs:
            if job.key in done:
                facts = done[job.key]
                made.outcomes[mutant] = outcome = judge(made.snippet, facts, made.result.stdout)
                if facts is not None and not facts["timeout"]:  # what the clock says may be true of today alone
                    kept.put(job.key, outcome)
            elif (outcome := kept.get(job.key)) is not None:
                made.outcomes[mutant] = outcome
        kept.save()


class _Cache:
    """Outcomes by content; a file that is absent, broken or can't be written costs time and nothing else."""

    def __init__(self, path: Path):
        self.path, self.fresh = path, False
        self.entries = self._read()

    def get(self, name: str) -> Outcome | None:
        if name not in self.entries:
            return None
        status, labels, why, shown, cpu = self.entries[name]
        return Outcome(status, tuple(labels), why, shown, cpu)

    def put(self, name: str, outcome: Outcome) -> None:
        self.entries[name] = [outcome.status, list(outcome.labels), outcome.why, outcome.shown, outcome.cpu]
        self.fresh = True

    def save(self) -> None:
        if not self.fresh:
            return
        with contextlib.suppress(OSError, ValueError), locked(self.path.with_suffix(".lock")):
            entries = self._read() | self.entries
            entries = dict(list(entries.items())[-KEPT:])
            write_atomically(self.path, json.dumps({"version": VERSION, "entries": entries}, ensure_ascii=False))
            self.fresh = False

    def _read(self) -> dict[str, list]:
        try:
            data = json.loads(self.path.read_text("utf-8"))
            return {k: e for k, e in data["entries"].items() if len(e) == 5} if data["version"] == VERSION else {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}


# --- Explanations


def explain(corpus: Corpus) -> tuple[list[Explanation], list[Finding]]:
    """All entries of ``snippets/**/audit.yml`` and what is wrong with them, as far as it shows without a run (E-10)."""
    found, faults = [], []
    for file in sorted(corpus.project.snippets.rglob(NAME)):
        name = corpus.project.relative(file)

        def fault(row: int, message: str, name: str = name) -> None:
            faults.append(Finding(name, row, message, rule="E-10"))

        try:
            source = file.read_text("utf-8")
            node, data = yaml.compose(source, Loader=Loader), yaml.load(source, Loader=Loader)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            fault(mark.line + 1 if mark else 0, f"not valid YAML: {getattr(error, 'problem', None) or error}")
            continue
        if not isinstance(data, list):
            fault(1, "the file isn't a list of explanations")
            continue
        for item, entry in zip(node.value, data, strict=True):
            rows = {"": item.start_mark.line + 1}
            if isinstance(item, yaml.MappingNode):
                rows |= {str(key.value): key.start_mark.line + 1 for key, _ in item.value}
            made = _entry(name, rows, entry)
            if isinstance(made, Explanation):
                made = _unfounded(made, corpus, rows) or made
            if isinstance(made, Explanation):
                found.append(made)
            else:
                fault(*made)
    return found, faults


def _entry(path: str, rows: dict[str, int], entry: object) -> Explanation | tuple[int, str]:
    """An entry as it is understood, or (line, what is wrong with it)."""
    shape = "an explanation has the keys `snippet`, `line`, `mutation` (one, or a list) and `why`, or `snippet`, `label` and `why`, all of them texts"
    if not isinstance(entry, dict):
        return rows[""], shape
    known = {"snippet", "line", "mutation", "why", "label"}
    for name in map(str, entry.keys() - known):
        meant = difflib.get_close_matches(name, sorted(known - entry.keys()), n=1)
        lacking = [*meant, *sorted(known - {"label"} - entry.keys())]
        hint = f"; did you mean `{lacking[0]}`?" if lacking else ""
        return rows[name], f"`{name}` is no key of an explanation{hint or ';'} {shape}"
    if set(entry) not in ({"snippet", "line", "mutation", "why"}, {"snippet", "label", "why"}):
        return rows[""], shape
    listed = entry.get("mutation", [])
    listed = [listed] if isinstance(listed, str) else listed
    for name, value in entry.items():
        for text in listed if name == "mutation" and isinstance(listed, list) else [value]:
            if not isinstance(text, str) or not text.strip():
                return rows[name], f"`{name}` isn't a text; {shape}"
    if len(entry["why"].strip()) < REASON:
        return rows["why"], f"`why` says in at least {REASON} characters why nobody need notice this change"
    line, label = entry.get("line", "").strip(), entry.get("label", "")
    snippet = f"{PurePosixPath(path).parent}/{entry['snippet']}"
    return Explanation(path, rows[""], snippet, line, tuple(listed), label, entry["why"])


def _unfounded(entry: Explanation, corpus: Corpus, rows: dict[str, int]) -> tuple[int, str] | None:
    """(line, what is wrong) where the snippet, line or label of an entry isn't there."""

    def near(name: str, known: Iterable[str]) -> str:
        close = difflib.get_close_matches(name, list(known), n=1)
        return f"; did you mean `{close[0]}`?" if close else "; take the entry out"

    item = corpus.snippets.get(entry.snippet.removeprefix("snippets/"))
    if item is None:
        folder = entry.snippet.rpartition("/")[0]
        beside = [s.file.name for s in corpus.snippets.values() if s.name.rpartition("/")[0] == folder]
        return rows["snippet"], f"there is no snippet {entry.snippet}{near(PurePosixPath(entry.snippet).name, beside)}"
    lines = [line.strip() for line in item.lines]
    if entry.line and entry.line not in lines:
        return rows["line"], f"`{entry.line}` is no line of {item.name}{near(entry.line, filter(None, lines))}"
    labels = [assertion.label for assertion in item.assertions]
    if entry.label and entry.label not in labels:
        return rows["label"], f"`{entry.label}` is no label of {item.name}{near(entry.label, labels)}"
    return None


# --- What is said


def findings(corpus: Corpus, audits: list[Audit]) -> list[Finding]:
    """Survivors without explanation, labels without witness, explanations that explain nothing."""
    found = []
    for made in audits:
        item = made.snippet
        blocks = [embed.rpartition(":") for embed in corpus.embeds(item.path)]
        places = [(path, int(line)) for path, _, line in blocks] or [(item.name, 0)]
        for mutant, explanation in made.survivors():
            if explanation is None:
                told = " (the output changes, no assertion fails)" if made.outcomes[mutant].shown else ""
                message = f"survived: {mutant.change}{told}"
                found += [Finding(path, line, message, f"{item.name}:{mutant.line}") for path, line in places]
            else:
                explanation.used.add(mutant.change)
        for assertion, steps in made.luck():
            own = [
                e
                for e in made.explanations
                if RESEEDED in e.mutations and e.line == assertion.source.split("\n")[0].strip()
            ]
            if own:
                own[0].used.add(RESEEDED)
                continue
            told = list(dict.fromkeys(seeds(item.source)))
            which = [told[0] + step if len(told) == 1 else f"+{step}" for step in steps]
            message = f"seed: {assertion.label}: fails with seed {', '.join(map(str, which))} (the program sets {', '.join(map(str, told))}): the sentence holds by the luck of a draw; assert it over many seeds, or what holds for all; where the sentence says that it is one example, explain it in {NAME}, `mutation: {RESEEDED}`"
            links = linked(corpus, item, assertion)
            found += [Finding(path, line, message, f"{item.name}:{assertion.line}") for path, line in links or places]
        for assertion, comparison, count in made.wide():
            apart, room = made.distances[item.assertions.index(assertion)]
            message = f"tolerance: {assertion.label}: `{comparison}` leaves room {room:g}, and the two are {apart:.2g} apart: {count} of the changes that survive alter the output within that room; tighten it to a few times {apart:.1g}"
            found += [Finding(path, line, message, f"{item.name}:{assertion.line}") for path, line in places]
        for assertion in made.without_witness():
            message = f"no witness: {assertion.label}: whatever is changed elsewhere in the program, this assertion doesn't fail"
            links = linked(corpus, item, assertion)
            explanation = next((e for e in made.explanations if e.label == assertion.label), None)
            if explanation is not None:
                explanation.used.add(assertion.label)
                if not links:
                    continue
                message += " (and a label that prose links to can't be explained away)"
            found += [Finding(path, line, message, f"{item.name}:{assertion.line}") for path, line in links or places]
        found += _stale(made)
    return found


def linked(corpus: Corpus, item: Snippet, assertion: Assertion) -> list[tuple[str, int]]:
    """Where prose links to a label: (page, line)."""
    found = []
    for page in corpus.pages.values():
        for link in page.links:
            if link.scheme == "proof" and evidence.resolve(page, link, corpus.snippets) == (item, assertion):
                found.append((page.path, link.line))
    return found


def _stale(made: Audit) -> list[Finding]:
    """Explanations of what isn't there, or is noticed by now. One whose mutant hasn't run in a sample isn't judged."""
    found = []
    waiting = {(made.text(m), m.change) for m in made.core if m not in made.outcomes}
    waiting |= {(e.line, RESEEDED) for e in made.explanations} if len(made.reseeded) < len(made.others()) else set()
    for entry in made.explanations:
        names = [entry.label] if entry.label else [c for c in entry.mutations if (entry.line, c) not in waiting]
        for name in names:
            if name not in entry.used:
                message = f"stale explanation: nothing survives by {name} on the line `{entry.line}`"
                if entry.label:
                    message = f"stale explanation: the label `{name}` has a witness, or doesn't exist"
                found.append(Finding(entry.path, entry.row, message, made.snippet.name))
    return found


def numbers(audits: Iterable[Audit]) -> dict:
    """What is counted of some audits together."""
    audits = list(audits)
    killed, survived, void = (sum(len(a.counted(s)) for a in audits) for s in ("killed", "survived", "void"))
    return {
        "snippets": len(audits), "mutants": sum(len(a.core) for a in audits), "run": killed + survived + void,
        "killed": killed, "survived": survived,
        "explained": sum(e is not None for a in audits for _, e in a.survivors()), "void": void,
        "score": score(killed, survived),
        "labels": sum(len(a.snippet.assertions) for a in audits),
        "witnessed": sum(len(a.snippet.assertions) - len(a.without_witness()) for a in audits),
        "refutations": sum(a.turned_red for a in audits),
        "seconds": round(sum(o.cpu for a in audits for o in a.outcomes.values()), 1),
    }  # fmt: skip


def refuted(corpus: Corpus, audits: list[Audit]) -> Iterator[str]:
    """Each refutation's claim beside how its program makes ``claimed`` and ``actual``: is that what the claim predicts?"""
    paths = {made.snippet.path: made.snippet for made in audits if made.snippet.refutation}
    for page in corpus.pages.values():
        for block in page.blocks:
            if block.name == "refute" and block.path in paths:
                lines = paths[block.path].lines
                made = [
                    f"    {line.strip()}" for line in lines if re.match(r"\s*(?:claimed|actual)\b[^=]*=(?!=)", line)
                ]
                yield "\n".join([f"{page.path}:{block.line}: refutes: {block.options.get('claim', '')}", *made])


def by_article(corpus: Corpus, audits: list[Audit]) -> dict[str, list[Audit]]:
    """The audits of each page that embeds any; a snippet of two pages stands under both."""
    pages: dict[str, list[Audit]] = {}
    for page in corpus.pages.values():
        paths = {block.path for block in page.blocks}
        if own := [a for a in audits if a.snippet.path in paths]:
            pages[page.path] = own
    return pages


def table(corpus: Corpus, audits: list[Audit]) -> str:
    """A row per article and one for all of them."""
    head = (
        "article", "mutants", "run", "killed", "survived", "explained", "void", "score", "labels", "refuted", "seconds",
    )  # fmt: skip
    rows = [head]
    groups = {path.removeprefix("docs/"): own for path, own in by_article(corpus, audits).items()}
    for name, own in [*groups.items(), ("all", audits)]:
        n = numbers(own)
        shown = "-" if n["score"] is None else f"{n['score']:.0%}"
        counts = [str(n[key]) for key in head[1:7]]
        rows.append(
            (name, *counts, shown, f"{n['witnessed']}/{n['labels']}", str(n["refutations"]), f"{n['seconds']:.1f}")
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def as_json(corpus: Corpus, audits: list[Audit], found: list[Finding]) -> dict:
    """The report of ``--json``."""
    return {
        "schema": 1, "ok": not found,
        "all": numbers(audits),
        "articles": {path: numbers(own) for path, own in by_article(corpus, audits).items()},
        "snippets": [
            {
                "snippet": a.snippet.name, "embeds": corpus.embeds(a.snippet.path), **numbers([a]),
                "witnesses": {s.label: a.witness(s) for s in a.snippet.assertions},
                "survivors": [
                    {"line": m.line, "source": a.text(m), "mutation": m.change, "shown": a.outcomes[m].shown, "why": e.why if e else ""}
                    for m, e in a.survivors()
                ],
                "voids": [{"line": m.line, "mutation": m.change, "why": a.outcomes[m].why} for m in a.counted("void")],
            }
            for a in audits
        ],
    }  # fmt: skip
