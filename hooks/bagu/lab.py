"""A lab: a long hands-on page, ``docs/labs/*.py`` in jupytext's percent format, executed and checked like a snippet.

An exercise is a markdown cell that poses it, then cells tagged blank, solution, wrong, wrong, check. The main run takes
the solutions and must pass; with the blank, or with either wrong filling, the check must fail. Lines that a run leaves
out are empty, so every line number is the file's.
"""

from __future__ import annotations

import ast
import json
import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import yaml

from . import evidence, snippet
from .cache import ResultCache, distributions
from .cache import key as run_key
from .errors import Finding
from .formula import FormulaError, Formulas, find_formulas
from .project import Project
from .runner import Job
from .snippet import Snippet, content_key
from .text import mask_code

# The tags of an exercise's cells; the learner fills in the blank.
GROUP = ["blank", "solution", "wrong", "wrong", "check"]
_MARKER = re.compile(r"# ?%%(?![%\w])(.*)")
_OPTION = re.compile(r'(\w+)=("[^"]*"|\[[^\]]*\])')
ARTICLE = re.compile(r"\[([^\[\]]*)\]\(article:([^)\s]*)\)")


@dataclass(frozen=True)
class Cell:
    """``line`` is that of the ``# %%`` marker, ``first`` that of the source; both count from 1."""

    index: int
    kind: str
    source: str
    line: int
    first: int
    title: str = ""
    tags: tuple[str, ...] = ()
    exercise: str = ""
    alt: str = ""

    @property
    def role(self) -> str:
        return self.tags[0] if self.tags else ""

    def holds(self, line: int) -> bool:
        """Whether a line of the file is one of this cell's."""
        return self.first <= line <= self.first + self.source.count("\n")


@dataclass
class Lab:
    """``src`` is the path below ``docs/``; ``links`` gives the address of each article named (planned ones: "")."""

    path: str
    src: str
    file: Path
    source: str
    title: str = ""
    description: str = ""
    minutes: int = 0
    cells: list[Cell] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def stem(self) -> str:
        return self.file.stem

    @property
    def page_src(self) -> str:
        """The name under which a site generator knows the page."""
        return self.src.removesuffix(".py") + ".md"

    @property
    def exercises(self) -> dict[str, list[Cell]]:
        """The cells of each exercise, in the order of ``GROUP``."""
        found: dict[str, list[Cell]] = {}
        for cell in self.cells:
            if cell.role:
                found.setdefault(cell.exercise, []).append(cell)
        return found

    def fault(self, line: int, message: str, *, rule: str) -> None:
        self.findings.append(Finding(self.path, line, message, rule=rule))


@dataclass(frozen=True)
class Run:
    """One execution of ``cells``: ``kind`` is main, blank or wrong; ``check`` must catch the filling ``cell``."""

    name: str
    kind: str
    lab: Lab
    cells: tuple[Cell, ...]
    cell: Cell | None = None
    check: Cell | None = None

    @cached_property
    def snippet(self) -> Snippet:
        """The program; the line numbers, and the file, are the lab's."""
        return _program(self.lab, self.name, self.cells)

    @cached_property
    def key(self) -> str:
        bare = Snippet(f"{self.lab.src}:{self.name}", self.lab.file, _source(self.lab, self.cells))
        return content_key(run_key(bare), _judges())


def load(project: Project) -> list[Lab]:
    """All labs of a project."""
    return [parse(project, file) for file in sorted((project.docs / "labs").glob("*.py"))]


def parse(project: Project, file: Path) -> Lab:
    """Read a lab; what is wrong with it before it runs is in ``findings``. Raises OSError."""
    lab = Lab(project.relative(file), file.relative_to(project.docs).as_posix(), file, "")
    try:
        lab.source = snippet.normalise(file.read_bytes())
        tree = ast.parse(lab.source, filename=str(file))
    except (snippet.Fault, SyntaxError, ValueError) as error:
        lab.fault(getattr(error, "line", None) or getattr(error, "lineno", None) or 1, f"syntax: {error}", rule="S-01")
        return lab
    lines = lab.source.split("\n")
    _header(lab, lines)
    starts = [n for n, line in enumerate(lines, 1) if _MARKER.match(line)]
    for index, (line, end) in enumerate(zip(starts, [*starts[1:], len(lines) + 1], strict=True)):
        lab.cells.append(_cell(lab, index, line, lines[line : end - 1]))
    whole = _program(lab, "whole", [cell for cell in lab.cells if cell.kind == "code"], tree)
    for fault in whole.faults:
        lab.fault(fault.line, f"{fault.status}: {fault.message}", rule=fault.rule)
    _check_exercises(lab)
    _check_links(lab, project)
    return lab


def jobs(lab: Lab) -> list[Run]:
    """What is to be run: the lab with its solutions, then each blank and each wrong filling up to its check."""
    if lab.findings:
        return []
    usual = [cell for cell in lab.cells if cell.kind == "code" and cell.role in ("", "solution", "check")]
    runs = [Run("main", "main", lab, tuple(usual))]
    for name, (blank, solution, wrong, other, check) in lab.exercises.items():
        for kind, cell, label in (("blank", blank, "blank"), ("wrong", wrong, "wrong-1"), ("wrong", other, "wrong-2")):
            cells = tuple(cell if c is solution else c for c in usual if c.index <= check.index)
            runs.append(Run(f"{name}/{label}", kind, lab, cells, cell, check))
    return runs


def judge(lab: Lab, run: Run, facts: dict | None) -> list[Finding]:
    """What is wrong with a run: the main one must pass, every other must fail, and at its check."""
    result = evidence.judge(run.snippet, facts, facts["stdout"] if facts else "")
    words = ": ".join(part for part in (result.status, result.label, result.message) if part)
    if run.kind == "main":
        return [] if result.passed else [Finding(lab.path, result.line, words, detail=result.detail, rule=result.rule)]
    assert run.cell is not None and run.check is not None
    unwritten = facts is not None and facts["error"] is not None and facts["error"]["type"] == "NotImplementedError"
    if run.kind == "blank" and result.status == "error" and unwritten and run.cell.holds(result.line):
        return []
    if result.status == "assertion" and run.check.holds(result.line):
        return []
    what = "blank" if run.kind == "blank" else "wrong filling"
    if result.passed:
        message = f"exercise {run.cell.exercise}: this {what} passes the check in line {run.check.line}; sharpen it"
        return [Finding(lab.path, run.cell.line, message, rule="N-02")]
    message = f"exercise {run.cell.exercise}: this {what} must fail at an assertion of its check, and doesn't: {words}"
    also = f"{lab.path}:{result.line}" if result.line else ""
    return [Finding(lab.path, run.cell.line, message, also, result.detail, "N-02")]


def stale(labs: Iterable[Lab], cache: ResultCache, fresh: bool = False) -> tuple[list[Job], dict[str, dict]]:
    """The jobs whose facts aren't kept, and the facts that are, by key."""
    work, known = [], {}
    for run in (run for lab in labs for run in jobs(lab)):
        kept = None if fresh else cache.get(run.key)
        if kept is None:
            work.append(Job(run.key, run.snippet))
        else:
            known[run.key] = kept
    return work, known


def settle(labs: Iterable[Lab], facts: dict[str, dict | None], cache: ResultCache) -> list[Finding]:
    """Judge all runs of all labs by ``facts`` (by key); a lab that is right is kept whole, its failures included."""
    findings = []
    for lab in labs:
        runs = jobs(lab)
        if runs and all(facts.get(run.key) and cache.get(run.key) == facts[run.key] for run in runs):
            continue  # kept because they were right
        found = [finding for run in runs for finding in judge(lab, run, facts.get(run.key))]
        findings += lab.findings + found
        if found or not runs:
            continue
        versions = distributions(facts[runs[0].key]["imports"])
        for run in runs:
            facts[run.key] = facts[run.key] | {"versions": versions}
            cache.put(run.key, facts[run.key], versions)
    return findings


def by_name(lab: Lab, facts: dict[str, dict | None]) -> dict[str, dict]:
    """The facts of a lab's runs by name, as ``page`` takes them."""
    return {run.name: facts[run.key] for run in jobs(lab) if facts.get(run.key)}


def check_formulas(lab: Lab, formulas: Formulas) -> list[Finding]:
    """Formulas that KaTeX rejects, at their lines."""
    findings = []
    for cell in (cell for cell in lab.cells if cell.kind == "markdown"):
        for item in find_formulas(cell.source):
            try:
                formulas.render(item.tex, item.display)
            except FormulaError as error:
                findings.append(Finding(lab.path, cell.first + item.line - 1, f"formula: {error}", rule="F-03"))
    return findings


def _header(lab: Lab, lines: list[str]) -> None:
    """The YAML between the first lines ``# ---``."""
    end = lines.index("# ---", 1) if lines[0] == "# ---" and "# ---" in lines[1:] else 0
    try:
        data = yaml.safe_load("\n".join(line.removeprefix("#").removeprefix(" ") for line in lines[1:end]))
    except yaml.YAMLError as error:
        data = str(error)
    wanted = {"title": str, "description": str, "minutes": int}
    if not isinstance(data, dict) or {k: type(v) for k, v in data.items()} != wanted:
        lab.fault(
            1, "a lab begins with `# ---`, then title, description, minutes (a whole number), then `# ---`", rule="N-01"
        )
        return
    lab.title, lab.description, lab.minutes = (data[name] for name in wanted)


def _cell(lab: Lab, index: int, line: int, body: list[str]) -> Cell:
    rest = _MARKER.match(lab.source.split("\n")[line - 1])[1]  # type: ignore[index]
    try:
        options = {name: json.loads(value) for name, value in _OPTION.findall(rest)}
    except ValueError:
        lab.fault(line, "the options of this cell aren't JSON", rule="N-01")
        options = {}
    kind = "markdown" if "[markdown]" in rest else "code"
    title = _OPTION.sub("", rest).replace("[markdown]", "").strip()
    for name in set(options) - {"tags", "exercise", "alt"}:
        lab.fault(line, f"a cell has no option `{name}`; it takes tags, exercise, alt", rule="N-01")
    if "=" in title:
        lab.fault(line, "a cell's title has no `=` in it, which jupytext takes for an option", rule="N-01")
    if kind == "markdown":
        if any(text.strip() and not text.startswith("#") for text in body):
            lab.fault(line, "every line of a markdown cell begins with `#`", rule="N-01")
        body = [text.removeprefix("#").removeprefix(" ") for text in body]
    skip = next((n for n, text in enumerate(body) if text.strip()), 0)
    source = "\n".join(body[skip:]).rstrip()
    if kind == "code":
        try:
            ast.parse(source)
        except SyntaxError as error:
            lab.fault(line + skip + (error.lineno or 1), f"a cell is a program by itself: {error.msg}", rule="S-01")
    tags = tuple(options.get("tags", ()))
    return Cell(
        index, kind, source, line, line + 1 + skip, title, tags, options.get("exercise", ""), options.get("alt", "")
    )


@cache
def _judges() -> str:
    """A digest of what judges: what was right by other rules is run again."""
    return content_key(
        *(Path(module.__file__).read_bytes() for module in (evidence, snippet)), Path(__file__).read_bytes()
    )


def _source(lab: Lab, cells: Iterable[Cell]) -> str:
    """The file with everything but ``cells`` blank; on each marker's line, a print that ends the cell before."""
    lines = [""] * (lab.source.count("\n") + 1)
    for cell in cells:
        lines[cell.line - 1] = f'print("\\x1e{cell.index}")'
        body = cell.source.split("\n")
        lines[cell.first - 1 : cell.first - 1 + len(body)] = body
    return "\n".join(lines)


def _program(lab: Lab, name: str, cells: Iterable[Cell], tree: ast.Module | None = None) -> Snippet:
    made = Snippet(f"{lab.src}:{name}", lab.file, _source(lab, cells))
    tree = tree or ast.parse(made.source)
    made.imports = snippet.imports(tree)
    snippet._assertions(made, tree)  # snippet.parse() reads a file, and this program is made
    return made


def _check_exercises(lab: Lab) -> None:
    for cell in lab.cells:
        if bool(cell.role) != bool(cell.exercise) or len(cell.tags) > 1 or cell.role not in ("", *GROUP):
            lab.fault(
                cell.line,
                f"a cell of an exercise has one tag ({', '.join(GROUP[:3])} or check) and `exercise`",
                rule="N-01",
            )
    for name, cells in lab.exercises.items():
        first = cells[0]
        if [cell.role for cell in cells] != GROUP or cells[-1].index - first.index != len(GROUP) - 1:
            lab.fault(
                first.line, f"the exercise {name} isn't blank, solution, wrong, wrong, check in one row", rule="N-01"
            )
        elif not first.index or lab.cells[first.index - 1].kind != "markdown":
            lab.fault(first.line, f"no markdown cell before it poses the exercise {name}", rule="N-01")
        elif not all(cell.title for cell in cells[2:4]):
            lab.fault(
                cells[2].line, f"each wrong filling of {name} says in its marker what is wrong: `# %% …`", rule="N-01"
            )
        if not re.fullmatch(snippet.NAME, name):
            lab.fault(first.line, f"`{name}` is no exercise's name (lower-case letters, digits, hyphens)", rule="N-01")


def _check_links(lab: Lab, project: Project) -> None:
    for cell in (cell for cell in lab.cells if cell.kind == "markdown"):
        for match in ARTICLE.finditer(mask_code(cell.source)):
            question = project.questions.get(match[2])
            if question is None:
                line = cell.first + cell.source.count("\n", 0, match.start())
                lab.fault(line, f"`article:{match[2]}` names no id of docs/questions.yml", rule="L-01")
                continue
            address = f"{question.folder}/{question.id}"
            written = (project.docs / f"{address}.md").is_file()
            up = posixpath.relpath(".", posixpath.dirname(lab.src))
            lab.links[question.id] = f"{up}/{address}.html" if written else ""
