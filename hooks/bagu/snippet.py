"""One runnable program: its header, regions, assertions, imports, and what is wrong with it before it runs.

Standard library only: the fork server imports this module as well.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from .rules import OF_STATUS

HEADER = re.compile(r"#[ \t]*bagu:(.*)")
REGION = re.compile(r"^[ \t]*#[ \t]*--8<--[ \t]*\[(start|end):([^\]]*)\][ \t]*$")
NAME = re.compile(r"[a-z][a-z0-9-]*")
PATH = re.compile(r"[A-Za-z0-9_./-]+\.py")
UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


class Fault(Exception):
    """A snippet that can't be run as it stands: a status word of the contract, a line (0: the file), a message, a rule."""

    def __init__(self, status: str, line: int, message: str, rule: str = ""):
        super().__init__(message)
        self.status, self.line, self.message = status, line, message
        self.rule = rule or OF_STATUS[status]


@dataclass(frozen=True)
class Header:
    """Limits and permissions of one snippet (`# bagu: network=loopback seconds=30 memory=4GiB files=a.txt`)."""

    seconds: float = 20.0
    memory: int = 4 * 2**30
    network: str = "none"
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assertion:
    """An ``assert`` of the file; ``source`` is its own lines."""

    label: str
    line: int
    end_line: int
    source: str


@dataclass
class Snippet:
    """A parsed snippet. ``path`` is relative to ``snippets/``; ``faults`` keep it from being run."""

    path: str
    file: Path
    source: str = ""
    header: Header = field(default_factory=Header)
    regions: dict[str, tuple[int, int]] = field(default_factory=dict)
    assertions: list[Assertion] = field(default_factory=list)
    imports: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)
    refutation: bool = False

    @property
    def stem(self) -> str:
        return PurePosixPath(self.path).stem

    @property
    def name(self) -> str:
        """The path as people see it, relative to the root."""
        return f"snippets/{self.path}"

    @property
    def record(self) -> Path:
        """The committed expected output."""
        return self.file.with_suffix(".out")

    @property
    def lines(self) -> list[str]:
        return self.source.split("\n")

    def assertion(self, label: str) -> Assertion | None:
        """The assertion of that label, or None."""
        return next((a for a in self.assertions if a.label == label), None)

    def shown(self, region: str | None) -> list[tuple[int, str]]:
        """The (line number, text) pairs that a reader sees: no header, no markers, no blank lines at either end."""
        first, last = self.regions[region] if region else (1, len(self.lines))
        pairs = [
            (number, text)
            for number, text in enumerate(self.lines[first - 1 : last], first)
            if not REGION.match(text) and not (number == 1 and HEADER.match(text))
        ]
        while pairs and not pairs[0][1].strip():
            pairs.pop(0)
        while pairs and not pairs[-1][1].strip():
            pairs.pop()
        return pairs


def normalise(raw: bytes) -> str:
    """Decode a snippet: UTF-8, a byte order mark dropped, newlines made LF. Raises Fault (encoding)."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Fault(
            "encoding", line, f"not valid UTF-8 (byte 0x{raw[error.start]:02x}); save the file as UTF-8"
        ) from None
    if "\0" in text:
        raise Fault("encoding", text.count("\n", 0, text.index("\0")) + 1, "a NUL character in the source")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def locate(folder: Path, argument: str) -> tuple[str, str | None, Path]:
    """Resolve ``path.py`` or ``path.py:region`` inside the snippets folder to (path, region, file).

    Raises Fault (missing) for a path that leaves the folder (by ``..``, absolute, by a symbolic link), isn't a Python
    file, or doesn't exist.
    """
    path, _, region = argument.partition(":")
    if not path:
        raise Fault("missing", 0, "a snippet's path is missing after `|`")
    if path.startswith("/") or ".." in PurePosixPath(path).parts or "\\" in path or re.match(r"[A-Za-z]:", argument):
        raise Fault("missing", 0, f"the path `{path}` leaves snippets/; give it relative to snippets/")
    if not PATH.fullmatch(path) or PurePosixPath(path).as_posix() != path:
        raise Fault("missing", 0, f"`{path}` is no plain path of a .py file below snippets/")
    if ":" in argument and not NAME.fullmatch(region):
        raise Fault("missing", 0, f"`{region}` is no region's name (lower-case letters, digits, hyphens)")
    file = folder / path
    if not file.is_file():
        hint = "; the path starts below snippets/" if path.startswith("snippets/") else ""
        raise Fault("missing", 0, f"snippets/{path} doesn't exist{hint}")
    if not file.resolve().is_relative_to(folder.resolve()):
        raise Fault("missing", 0, f"snippets/{path} is a symbolic link that leaves snippets/")
    return path, region or None, file


def parse(
    path: str, file: Path, refutation: bool = False, analyse: Callable[[str, str], dict] | None = None
) -> Snippet:
    """Read a snippet and list its static faults; ``refutation`` adds the rules of a refuting snippet. Raises OSError.

    ``analyse`` may be a remembering version of the function of that name.
    """
    snippet = Snippet(path, file, refutation=refutation)
    try:
        snippet.source = normalise(file.read_bytes())
    except Fault as fault:
        snippet.faults.append(fault)
        return snippet
    found = (analyse or globals()["analyse"])(snippet.source, "refutation" if refutation else "")
    seconds, memory, network, files = found["header"]
    snippet.header = Header(seconds, memory, network, tuple(files))
    snippet.regions = {name: (first, last) for name, first, last in found["regions"]}
    snippet.assertions = [Assertion(*fields) for fields in found["assertions"]]
    snippet.imports = tuple(found["imports"])
    snippet.faults = [Fault(*fields) for fields in found["faults"]]
    for name in files:
        beside = file.parent / name
        if "/" in name or name.startswith(".") or not beside.is_file() or beside.is_symlink():
            message = f"the header names files={name}, which isn't a plain file beside the snippet"
            snippet.faults.append(Fault("missing", 1, message, "S-02"))
    snippet.faults.sort(key=lambda fault: fault.line)
    return snippet


def analyse(source: str, refutation: str) -> dict:
    """What a source says of itself, as plain data: header, regions, assertions, imports, faults."""
    made = Snippet("", Path(), source)
    try:
        made.header = parse_header(source)
        tree = ast.parse(source)
        made.regions = _regions(made)
        made.imports = imports(tree)
        _assertions(made, tree)
        if refutation and not made.faults:
            _refutation(made, tree)
    except Fault as fault:
        made.faults.append(fault)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        made.faults.append(Fault("syntax", line, getattr(error, "msg", None) or str(error)))
    header = made.header
    return {
        "header": [header.seconds, header.memory, header.network, list(header.files)],
        "regions": [[name, first, last] for name, (first, last) in made.regions.items()],
        "assertions": [[a.label, a.line, a.end_line, a.source] for a in made.assertions],
        "imports": list(made.imports),
        "faults": [[fault.status, fault.line, fault.message, fault.rule] for fault in made.faults],
    }


def parse_header(source: str) -> Header:
    """The optional first line `# bagu: key=value …`. Raises Fault (syntax)."""
    first, *others = source.split("\n")
    for number, line in enumerate(others, 2):
        if HEADER.match(line):
            raise Fault(
                "syntax", number, "the header `# bagu: …` is read on the first line alone; move it there", "S-02"
            )
    match = HEADER.match(first)
    if not match:
        return Header()
    values: dict = {}
    for item in match.group(1).split():
        key, _, value = item.partition("=")
        if key in values:
            raise Fault("syntax", 1, f"the header gives `{key}` twice; keep one", "S-02")
        if key == "network" and value == "loopback":
            values[key] = value
        elif key == "seconds" and re.fullmatch(r"\d+(\.\d+)?", value) and 0 < float(value) <= 300:
            values[key] = float(value)
        elif (
            key == "memory"
            and (size := re.fullmatch(r"(\d+)(KiB|MiB|GiB)", value))
            and 0 < int(size[1]) * UNITS[size[2]] <= 2**34
        ):
            values[key] = int(size[1]) * UNITS[size[2]]
        elif key == "files" and value:
            values[key] = tuple(value.split(","))
        else:
            raise Fault(
                "syntax", 1,
                f"`{item}` isn't understood in the header; it takes network=loopback, seconds=1..300, "
                "memory=<n>MiB or <n>GiB (16GiB at most), files=a.txt,b.txt",
                "S-02",
            )  # fmt: skip
    return Header(**values)


def imports(tree: ast.AST) -> tuple[str, ...]:
    """The top-level names of all modules that the file imports, sorted."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return tuple(sorted(names))


def asserts(tree: ast.AST) -> list[ast.Assert]:
    """All assertions of a tree in source order; their positions in this list are their indices everywhere."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def content_key(*parts: bytes | str) -> str:
    """sha256 over parts, each with its length, so that no two lists of parts share a key."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def _regions(snippet: Snippet) -> dict[str, tuple[int, int]]:
    open_at: dict[str, int] = {}
    regions: dict[str, tuple[int, int]] = {}

    def fault(line: int, message: str) -> None:
        snippet.faults.append(Fault("syntax", line, message, "S-02"))

    for number, text in enumerate(snippet.lines, 1):
        match = REGION.match(text)
        if not match:
            continue
        kind, name = match.groups()
        if not NAME.fullmatch(name):
            fault(number, f"`{name}` is no region's name (lower-case letters, digits, hyphens)")
        elif kind == "start" and (name in open_at or name in regions):
            fault(number, f"the region `{name}` starts twice; name one anew")
        elif kind == "start":
            open_at[name] = number
        elif name not in open_at:
            fault(number, f"the region `{name}` ends before it starts; write # --8<-- [start:{name}] above")
        else:
            first = open_at.pop(name) + 1
            if not "".join(snippet.lines[first - 1 : number - 1]).strip():
                fault(number, f"the region `{name}` is empty; put lines into it, or delete it")
            regions[name] = (first, number - 1)
    for name, number in open_at.items():
        fault(number, f"the region `{name}` has no end; write # --8<-- [end:{name}]")
    return regions


def _assertions(snippet: Snippet, tree: ast.AST) -> None:
    labels: dict[str, int] = {}
    nodes = asserts(tree)
    if not nodes:
        snippet.faults.append(Fault("no-assertion", 0, "no assertion: this program would pass whatever it computed"))
    for node in nodes:
        label = _label(node.msg)
        if message := _vacuous(node.test):
            snippet.faults.append(Fault("constant-assertion", node.lineno, message))
        if label is None:
            message = (
                'this assert has no literal message that starts with a label, such as `assert x == y, "exact: ..."`'
            )
            snippet.faults.append(Fault("no-assertion", node.lineno, message))
            label = ""
        elif label in labels:
            message = f"the label `{label}` stands twice (first at line {labels[label]}); name one anew"
            snippet.faults.append(Fault("syntax", node.lineno, message, "E-01"))
        labels.setdefault(label, node.lineno)
        end = node.end_lineno or node.lineno
        source = "\n".join(snippet.lines[node.lineno - 1 : end])
        snippet.assertions.append(Assertion(label, node.lineno, end, source))


def _label(message: ast.expr | None) -> str | None:
    if isinstance(message, ast.JoinedStr) and message.values:
        message = message.values[0]
    if isinstance(message, ast.Constant) and isinstance(message.value, str):
        match = re.match(r"([a-z][a-z0-9-]*): ", message.value)
        return match.group(1) if match else None
    return None


def _vacuous(test: ast.expr) -> str:
    """What is wrong with a condition that, on its face, decides nothing; "" where nothing shows that."""
    if isinstance(test, ast.Constant) and not test.value:
        return (
            "the assertion always fails; to show that something is refused, set a flag in `except` and assert the flag"
        )
    if reason := constant(test):
        return f"the assertion can't fail: {reason}; compare with what an independent route gives"
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Lt, ast.LtE)) and _difference(node.left):
            right, said = node.comparators[0], ast.unparse(node.left)
            if isinstance(right, ast.Constant) and isinstance(right.value, float) and 0 < right.value < 0.1:
                a, b = (ast.unparse(side) for side in (node.left.left, node.left.right))
                return f"`{said} < {right.value}` holds however much smaller `{a}` is; write `abs({said})`, or `{a} < {b} + {right.value}` where only that side matters"
    return ""


def _difference(node: ast.expr) -> bool:
    """Whether an expression is a - b, and not max(…) - min(…), which is never negative."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub):
        return False
    names = [
        getattr(s.func, "attr", getattr(s.func, "id", "")) for s in (node.left, node.right) if isinstance(s, ast.Call)
    ]
    return not (len(names) == 2 and names[0].endswith("max") and names[1].endswith("min"))


def constant(test: ast.expr) -> str:
    """Why an assertion's test can't fail, or "" where nothing shows that on its face."""
    if isinstance(test, ast.Tuple):
        return "a tuple is true whenever it isn't empty; take the brackets away"
    if not any(isinstance(node, (ast.Name, ast.Call, ast.Attribute, ast.Await)) for node in ast.walk(test)):
        return "its value is a constant"
    if isinstance(test, (ast.List, ast.Dict, ast.Set, ast.Lambda, ast.JoinedStr, ast.GeneratorExp)):
        return "a display, a lambda or a generator is true by itself"
    if isinstance(test, ast.NamedExpr):
        return constant(test.value)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        for value in test.values:
            if isinstance(value, ast.Constant) and value.value or isinstance(value, ast.Tuple) and value.elts:
                return "one side of its `or` is always true"
    if (
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.ops[0], (ast.Eq, ast.LtE, ast.GtE, ast.Is))
    ):
        if ast.dump(test.left) == ast.dump(test.comparators[0]):
            return "both sides are the same expression"
    return ""


def _refutation(snippet: Snippet, tree: ast.Module) -> None:
    """Rules of a refuting snippet: it binds ``claimed`` and ``actual`` at module level and asserts ``not-…`` on them."""
    bound = {
        target.id: node.lineno
        for node in tree.body
        for target in _targets(node)
    }  # fmt: skip
    literal = _literal(tree)
    for name in ("claimed", "actual"):
        meaning = "what the wrong answer predicts" if name == "claimed" else "what the program finds"
        if name not in bound:
            message = f"a refutation binds `{name}` at module level: {meaning}"
            snippet.faults.append(Fault("no-assertion", 0, message, "E-04"))
        elif name in literal:
            message = f"`{name}` is a number typed in; compute {meaning}, from the values that the program works with"
            snippet.faults.append(Fault("no-assertion", bound[name], message, "E-04"))
    negations = [
        node for node in tree.body if isinstance(node, ast.Assert) and (_label(node.msg) or "").startswith("not-")
    ]
    negations = [
        node
        for node in negations
        if {"claimed", "actual"} <= {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}
    ]
    if not negations:
        message = "a refutation asserts `not-…` at module level, with `claimed` and `actual` in its condition"
        snippet.faults.append(Fault("no-assertion", 0, message, "E-04"))
    printed = {
        name.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
        for name in ast.walk(node)
        if isinstance(name, ast.Name)
    }
    for name in ("claimed", "actual"):
        if name in bound and name not in printed:
            snippet.faults.append(
                Fault("no-assertion", bound[name], f"a refutation prints `{name}`, so that a reader sees it", "E-04")
            )


def _literal(tree: ast.Module) -> set[str]:
    """The names that module-level assignments bind to literals of numbers alone."""
    typed, computed = set(), set()
    for node in tree.body:
        pairs = [(t, node.value) for t in node.targets] if isinstance(node, ast.Assign) else []
        for target, value in [*pairs]:
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
                pairs += zip(target.elts, value.elts, strict=True)
        known = {t.id for t, v in pairs if isinstance(t, ast.Name) and _number(v)}
        typed |= known
        computed |= {name.id for name in _targets(node)} - known
    return typed - computed


def _number(node: ast.expr) -> bool:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return False
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _targets(node: ast.stmt) -> list[ast.Name]:
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign)):
        targets = [node.target]
    else:
        # a loop, a with statement or an if at module level binds module names as well
        targets = [
            n for n in ast.walk(node) if not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef))
        ]
        return [n for n in targets if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return [n for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)]
