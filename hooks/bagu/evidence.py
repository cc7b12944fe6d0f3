"""From raw facts to a verdict: was every assertion reached and true, is the output the record, do the numbers hold?"""

from __future__ import annotations

import ast
import difflib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from . import text as t
from .article import Article, Block, Link
from .errors import Finding
from .rules import OF_STATUS
from .snippet import Assertion, Snippet, asserts

STATUSES = (
    "passed", "assertion", "output", "no-record", "ended-early", "timeout", "memory", "signal", "left-process",
    "no-assertion", "unreached", "constant-assertion", "denied", "flooded", "error", "syntax", "encoding", "missing",
)  # fmt: skip
_FRAME = re.compile(r'  File "(?P<file>[^"]+)", line \d+')
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")
_PRINTED = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?(?![\w.]*\d)")


@dataclass
class Result:
    """What became of one snippet. ``status`` is a word of the contract, ``line`` a line of the snippet (0: none)."""

    snippet: str
    status: str
    line: int = 0
    label: str = ""
    message: str = ""
    detail: str = ""
    seconds: float = 0.0
    cpu: float = 0.0
    cached: bool = False
    layers: list[str] = field(default_factory=list)
    embeds: list[str] = field(default_factory=list)
    stdout: str = ""
    stderr: str = ""
    figures: list[tuple[str, str]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    date: str = ""
    passes: dict[int, list[str]] = field(default_factory=dict)
    executed: bool = True
    rule: str = ""  # of a fault found before running; else the status says which

    @property
    def passed(self) -> bool:
        return self.status == "passed"

    @property
    def broken(self) -> str:
        """The id of the rule that a snippet that didn't pass has broken."""
        return self.rule or OF_STATUS[self.status]

    @property
    def also(self) -> str:
        """The second location: snippet and line."""
        return f"{self.snippet}:{self.line}" if self.line else self.snippet

    def as_json(self) -> dict:
        """The contract's JSON object."""
        return {
            "snippet": self.snippet, "embeds": self.embeds, "status": self.status, "line": self.line,
            "label": self.label, "message": self.message, "seconds": self.seconds, "cached": self.cached,
            "layers": self.layers,
        }  # fmt: skip

    def findings(self) -> list[Finding]:
        """One finding per embedding page (or one for the snippet alone), empty when it passed."""
        if self.passed:
            return []
        words = ": ".join(part for part in (self.status, self.label, self.message) if part)
        if not self.embeds:
            return [Finding(self.snippet, self.line, words, detail=self.detail, rule=self.broken)]
        places = (embed.rpartition(":") for embed in self.embeds)
        return [Finding(path, int(line), words, self.also, self.detail, self.broken) for path, _, line in places]


def static_result(snippet: Snippet) -> Result | None:
    """The verdict on a snippet that can't be run as it stands, or None."""
    if not snippet.faults:
        return None
    fault = snippet.faults[0]
    more = "\n".join(f"{snippet.name}:{f.line}: {f.status}: {f.message}" for f in snippet.faults[1:])
    return Result(snippet.name, fault.status, fault.line, message=fault.message, detail=more, rule=fault.rule)


def judge(snippet: Snippet, facts: dict | None, record: str | None, reseeded: bool = False) -> Result:
    """The verdict on a run. ``facts`` are the supervisor's, ``record`` the committed output (None: there is none).
    Of a ``reseeded`` run the printed numbers may be others, within what the assertions allow; the words may not.

    The first rule that applies decides; the order goes from what stopped the program to what it got wrong.
    """
    result = Result(snippet.name, "passed")
    if facts is None:
        return _red(
            result, "error", 0, "the runner lost the process that ran it; run it again, and report it if it stays"
        )
    result.stdout, result.stderr = facts["stdout"], facts["stderr"]
    result.seconds = round(facts.get("seconds", facts["wall"]), 2)
    result.cpu = facts["cpu"] or 0.0
    result.passes = {int(index): messages for index, messages in facts["passes"].items()}
    result.figures = [(name, svg) for name, svg, _ in facts["figures"]]
    error = facts["error"]
    result.detail = _own_frames(facts["stderr"].strip(), snippet.path)
    if len(result.detail) > 2000:
        result.detail = result.detail[-2000:].partition("\n")[2]

    if facts["timeout"]:
        return _red(
            result, "timeout", 0, f"stopped after {snippet.header.seconds:g} s; the header can ask for more (seconds=…)"
        )
    if facts["flooded"]:
        result.stdout = result.stderr = result.detail = ""
        return _red(result, "flooded", 0, "stopped: it wrote more than 1 MiB; print less")
    if facts["files"]:
        return _red(result, "flooded", 0, "stopped: its files are larger than 256 MiB; write less")
    if facts["shared"]:
        return _red(result, "memory", 0, f"over {_size(snippet.header.memory)} of shared memory; hold less")
    if facts["processes"]:
        return _red(result, "denied", 0, "stopped: it had more than 32 processes at once; start fewer")
    if facts["denied"]:
        line, message = facts["denied"][0]
        return _red(result, "denied", line, f"the sandbox refuses to {message}")
    if facts["fails"]:
        index, message = facts["fails"][0]
        assertion = snippet.assertions[index]
        text = message.removeprefix(f"{assertion.label}: ")
        result.label, result.detail = assertion.label, ""
        return _red(result, "assertion", assertion.line, f"{text} [{_one_line(assertion.source)}]")
    if error is not None and error["memory"]:
        return _red(
            result, "memory", error["line"], f"over {_size(snippet.header.memory)}: {error['m'] or error['type']}"
        )
    if error is not None:
        message = f"{error['type']}: {error['m']}"
        if error["type"] in ("FileNotFoundError", "PermissionError"):
            message += "; a program sees its own folder alone: put the file beside it, and name it in the first line, `# bagu: files=lines.txt`"
        return _red(result, "error", error["line"], message)
    if facts["early"] is not None:
        line, code = facts["early"]
        return _red(result, "ended-early", line, f"it called exit({code}) before its last line")
    if not facts["ended"] and facts["exit"] is not None and facts["exit"] < 0:
        if facts["exit"] in (-24, -27, -30):  # SIGXCPU, SIGPROF
            return _red(result, "timeout", 0, f"stopped after {snippet.header.seconds:g} s of computing")
        return _red(result, "signal", 0, f"killed by {_signal(-facts['exit'])}")
    if not facts["ended"]:
        return _red(result, "ended-early", 0, f"the process ended with code {facts['exit']} before its last line")
    if facts.get("threads"):
        return _red(result, "left-process", 0, f"alive after the last line: {facts['threads']}; join them")
    if facts["left"]:
        return _red(
            result,
            "left-process",
            0,
            f"alive after the last line: {', '.join(facts['left'])[:300]}; end and wait for it",
        )
    for index, assertion in enumerate(snippet.assertions):
        if index not in result.passes:
            result.label = assertion.label
            return _red(
                result,
                "unreached",
                assertion.line,
                "the program ended without ever reaching this assertion; call what holds it",
            )
    if facts.get("undecodable"):
        result.rule = "S-04"
        return _red(result, "encoding", 0, f"what it wrote to {facts['undecodable']} isn't valid UTF-8")
    for name, _, size in facts["figures"]:
        if size > 100_000:
            result.rule = "F-02"
            return _red(result, "flooded", 0, f"the figure {name} has {size:,} bytes; 100,000 are the most")
    if record is None:
        result.detail = result.stdout
        return _red(
            result,
            "no-record",
            0,
            f"{snippet.name.removesuffix('.py')}.out is missing; `bagu accept {snippet.name}` writes it",
        )
    same = same_words if reseeded else same_output
    if not same(record, result.stdout):
        result.detail = difference(record, result.stdout)
        message = f"the output differs from the record; if it is right, `bagu accept {snippet.name}` (if every run differs: fix a seed, print less)"
        if reseeded:
            message = "under another seed it prints other words; seed what it draws, and sort what has no order"
        return _red(result, "output", 0, message)
    result.detail = ""
    return result


def judge_equal(snippet: Snippet, facts: dict | None, result: Result) -> Result:
    """With ``claimed = actual`` a refutation must fail at one of its ``not-…`` assertions; anything else is no proof."""
    if result.status not in ("passed", "output", "no-record"):
        return result
    failed = [snippet.assertions[index].label for index, _ in facts["fails"]] if facts else []
    if failed and failed[0].startswith("not-"):
        return result
    negation = next(a for a in snippet.assertions if a.label.startswith("not-"))
    result.label = negation.label
    result.rule = "E-04"
    message = "the refutation proves nothing: with `claimed = actual` it doesn't fail at a `not-…` assertion"
    return _red(result, "constant-assertion", negation.line, message)


def check_again(snippet: Snippet, first: Result, second: Result) -> Finding | None:
    """What a second run under another seed, of hashing as well, shows otherwise than the first (S-12); None if nothing."""
    cure = "it depends on the order of a set: print it sorted; or on a seed that the program doesn't set: `torch.manual_seed(0)`"
    if second.status not in ("passed", "output", "no-record"):
        message = f"under another seed: {second.status}: {second.label or second.message}; {cure}"
        return Finding(snippet.name, second.line, message, rule="S-12")
    if first.figures != second.figures and same_output(first.stdout, second.stdout):
        return Finding(snippet.name, 0, f"another run draws another figure; {cure}", rule="S-12")
    if same_output(first.stdout, second.stdout):
        return None
    pairs = zip(first.stdout.split("\n"), second.stdout.split("\n"), strict=False)
    other = next((a for a, b in pairs if not same_output(a, b)), "")
    calls = [
        n
        for n in ast.walk(ast.parse(snippet.source))
        if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "print"
    ]
    pieces = [(node.lineno, [piece for part in node.args for piece in _pieces(part)]) for node in calls]
    said = [(sum(map(len, texts)), line) for line, texts in pieces if all(text in other for text in texts)]
    detail = difference(first.stdout, second.stdout)
    return Finding(
        snippet.name,
        max(said, default=(0, 0))[1],
        f"another run prints something else; {cure}",
        detail=detail,
        rule="S-12",
    )


def same_output(record: str, stdout: str) -> bool:
    """Compare a record with an output: numbers at the precision printed, other text exactly, addresses alike.

    >>> same_output("a 0.33 at 0x7f00aa11bb22", "a 0.33 at 0x7f99aa11bb22"), same_output("1.0", "1.1")
    (True, False)
    """
    record, stdout = comparable(record), comparable(stdout)
    if record == stdout:
        return True
    parts = [_PRINTED.split(record), _PRINTED.split(stdout)]
    if parts[0] != parts[1]:
        return False
    pairs = zip(_PRINTED.findall(record), _PRINTED.findall(stdout), strict=True)
    return all(_same_number(a, b) for a, b in pairs)


def same_words(record: str, stdout: str) -> bool:
    """Compare a record with an output, whatever their numbers.

    >>> same_words("gap 0.31, found", "gap -1e-3, found"), same_words("found: True", "found: False")
    (True, False)
    """
    return _PRINTED.split(comparable(record)) == _PRINTED.split(comparable(stdout))


def comparable(text: str) -> str:
    """An output without what differs at every run: memory addresses."""
    return _ADDRESS.sub("0x…", text.replace("\r\n", "\n"))


def _same_number(a: str, b: str) -> bool:
    if a == b:
        return True
    left, right = Decimal(a), Decimal(b)
    coarser = max(int(left.as_tuple().exponent), int(right.as_tuple().exponent))
    step = Decimal(1).scaleb(coarser)
    return left.quantize(step) == right.quantize(step) if abs(left) < 10**20 and abs(right) < 10**20 else left == right


def difference(record: str, stdout: str) -> str:
    """A short unified difference, expected against actual."""
    lines = list(difflib.unified_diff(record.splitlines(), stdout.splitlines(), "expected", "actual", lineterm="", n=1))
    if not lines:
        lines = ["the texts differ in line ends only (no newline at the end?)"]
    return "\n".join(lines[:40] + (["…"] if len(lines) > 40 else []))


def _embedded(page: Article, snippets: dict[str, Snippet]) -> list[Snippet]:
    """The snippets of a page, each once."""
    return [snippets[path] for path in dict.fromkeys(block.path for block in page.blocks) if path in snippets]


def resolve(page: Article, link: Link, snippets: dict[str, Snippet]) -> tuple[Snippet, Assertion] | str:
    """The assertion that a proof link of a page names, or what is wrong with it. ``snippets`` by path."""
    embedded = _embedded(page, snippets)
    stem, dot, label = link.target.rpartition(".")
    candidates = [
        (snippet, assertion)
        for snippet in embedded
        if (assertion := snippet.assertion(label)) and (not dot or snippet.stem == stem)
    ]
    if not candidates:
        known = ", ".join(sorted({a.label for s in embedded for a in s.assertions if a.label})) or "none"
        return f"no snippet embedded in this page has the label `{link.target}` (there are: {known}); name one, or embed the snippet that has it"
    if len(candidates) > 1:
        names = " or ".join(f"proof:{snippet.stem}.{label}" for snippet, _ in candidates)
        return f"two snippets of this page have the label `{label}`; write {names}"
    return candidates[0]


def check_numbers(
    page: Article, link: Link, snippets: dict[str, Snippet], results: dict[str, Result]
) -> Finding | None:
    """Every number in a proof link stands in the evidence: message, the assertion's lines, or `label:` lines printed.

    None where that is so, and where the link's program hasn't passed.
    """
    found = resolve(page, link, snippets)
    if isinstance(found, str) or not _ran(results.get(found[0].path)):
        return None
    snippet, assertion = found
    numbers, shown = t.numbers(link.text), _numbers(assertion, snippet, results[snippet.path])
    lacking = next((number for number in numbers if not _holds(shown, [number])), None)
    if lacking is None:
        return _other_unit(page, link, snippet, assertion, results[snippet.path])
    embedded = _embedded(page, snippets)
    labels = [candidate.label for other in embedded for candidate in other.assertions]
    others = (
        f"proof:{candidate.label}" if labels.count(candidate.label) == 1 else f"proof:{other.stem}.{candidate.label}"
        for other in embedded
        if _ran(results.get(other.path))
        for candidate in other.assertions
        if _holds(_numbers(candidate, other, results[other.path]), numbers)
    )
    holding = list(others)[:3]
    cure = (
        f"did you mean {' or '.join(holding)}, which holds every number of this link?"
        if holding
        else f"mend it, or let the program print the value it computes in a line that begins `{assertion.label}:`"
    )
    listed = ", ".join(dict.fromkeys(shown)) or "no number at all"
    message = f"the number {lacking} in [{link.text}](proof:{link.target}) isn't in the evidence of `{assertion.label}`: {listed}; {cure}"
    return Finding(page.path, link.line, message, f"{snippet.name}:{assertion.line}", rule="E-06")


def _other_unit(page: Article, link: Link, snippet: Snippet, assertion: Assertion, result: Result) -> Finding | None:
    """A multiple or a percentage of a link of which its evidence has others, while this number counts something else
    there: 8 倍 beside "8 outcomes, 2.80 times"."""
    said = "\n".join([*result.passes.get(snippet.assertions.index(assertion), []), *_lines(assertion, result)])
    for unit, word in (("倍", r"times\b|x\b|×(?!\s*\d)|-?fold\b|倍"), ("%", r"%|per ?cent\b|percentage points?\b")):
        linked, shown = t.measured(link.text, unit), t.measured(said, word)
        if not shown or any(_holds(shown, [number]) for number in linked):
            continue
        counts = (
            n for n in linked if n.isdigit() and not re.search(rf"(?<![\d.]){n}(?!\s+[A-Za-z]{{3}}|[\d.]*\d)", said)
        )
        if wrong := next(counts, None):
            listed = ", ".join(dict.fromkeys(shown))
            message = f"the number {wrong} in [{link.text}](proof:{link.target}) has the unit {unit}, and the evidence of `{assertion.label}` has {listed} with that unit; {wrong} stands there as something else: mend the number, or print what it measures"
            return Finding(page.path, link.line, message, f"{snippet.name}:{assertion.line}", rule="E-06")
    return None


def typed_numbers(link: Link, snippet: Snippet, assertion: Assertion, result: Result) -> list[str]:
    """The numbers of a proof link that the program doesn't show as a value: they stand typed in its messages alone."""
    tree = ast.parse(snippet.source)
    index = snippet.assertions.index(assertion)
    node = asserts(tree)[index]
    prints = [c for c in ast.walk(tree) if isinstance(c, ast.Call) and getattr(c.func, "id", "") == "print" and c.args]
    texts = [(message, [node.msg]) for message in result.passes.get(index, [])]
    for line in _lines(assertion, result):
        texts += [(line, call.args) for call in prints if all(p in line for a in call.args for p in _pieces(a))]
    shown = t.numbers(ast.get_source_segment(snippet.source, node.test) or "", units=True)
    for text, made in texts:
        typed = Counter(n for part in made for n in t.numbers(" \0 ".join(_pieces(part)), units=True))
        shown += (Counter(t.numbers(text, units=True)) - typed).elements()
    return [number for number in t.numbers(link.text) if not _holds(shown, [number])]


def _pieces(node: ast.expr | None) -> list[str]:
    """The literal parts of a text that is printed or said."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return [p.value.strip() for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]


def _ran(result: Result | None) -> bool:
    return result is not None and result.passed and result.executed


def _lines(assertion: Assertion, result: Result) -> list[str]:
    """What the program printed under a label."""
    return [line for line in result.stdout.split("\n") if line.startswith(f"{assertion.label}:")]


def _numbers(assertion: Assertion, snippet: Snippet, result: Result) -> list[str]:
    """The numbers that an assertion's evidence shows."""
    said = result.passes.get(snippet.assertions.index(assertion), [])
    texts = (*said, assertion.source, *_lines(assertion, result))
    return [number for text in texts for number in t.numbers(text, units=True)]


def _holds(shown: list[str], numbers: list[str]) -> bool:
    return all(any(t.agrees(number, found) for found in shown) for number in numbers)


Embed = Callable[[str, str, str], str]


def check_figures(page: Article, block: Block, snippet: Snippet, result: Result, embed: Embed) -> list[Finding]:
    """A block that shows figures describes them, one that describes a figure shows one, and each can be embedded."""
    alt = block.options.get("alt", "")
    names = ", ".join(name for name, _ in result.figures)
    said = []
    if result.figures and not alt:
        said.append(("F-01", f"the snippet draws {names}; describe it with the option `alt`"))
    if alt and not result.figures:
        said.append(("F-01", "`alt` describes a figure, and the snippet draws none; take `alt` away, or write an .svg"))
    for name, svg in result.figures:
        try:
            embed(svg, figure_id(snippet, name), alt)
        except ValueError as error:
            said.append(("F-02", f"the figure {name} can't be shown: {error}"))
    return [Finding(page.path, block.line, message, snippet.name, rule=rule) for rule, message in said]


def figure_id(snippet: Snippet, name: str) -> str:
    """The prefix of the ids inside an embedded figure, unique in a page."""
    return f"{snippet.stem}-{name.removesuffix('.svg')}"


def _own_frames(text: str, path: str) -> str:
    """What a program wrote to its standard error, tracebacks without the frames of libraries and of the sandbox."""
    kept, own = [], True
    for line in text.split("\n"):
        if match := _FRAME.match(line):
            own = match["file"].endswith(path)
        elif not line.startswith("    "):
            own = True
        kept += [line] if own else []
    return "\n".join(kept)


def _red(result: Result, status: str, line: int, message: str) -> Result:
    result.status, result.line, result.message = status, line, _one_line(message)
    return result


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()[:500]


def _signal(number: int) -> str:
    import signal

    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _size(count: int) -> str:
    return f"{count / 2**30:g} GiB" if count >= 2**30 else f"{count / 2**20:g} MiB"
