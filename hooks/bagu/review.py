"""`bagu check`: every rule that needs no execution, over files, in seconds; and `--fix`, what a machine can mend.

Nothing below docs/ and snippets/ but what was asked for is touched, besides the engine and its tests (ruff alone) when
no PATH is given. A file with the markers of an unresolved merge is left as it is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from . import article, corpus, editorial, evidence, formula, layout, tools, typography
from . import text as t
from .cache import Memo, version
from .errors import Finding
from .lab import Lab
from .project import Project, write_atomically
from .snippet import content_key

ENGINE = ("hooks", "tests", "bench")
ENGLISH = ("README.md",)


@dataclass
class Scope:
    """What is checked. ``whole``: no PATH was given, so the shared files and the engine are checked as well."""

    loaded: corpus.Corpus
    pages: list[article.Article]
    paths: list[str]
    labs: list[Lab]
    whole: bool

    @property
    def project(self) -> Project:
        return self.loaded.project

    @property
    def programs(self) -> list[str]:
        """The snippets, as paths relative to the root."""
        return [self.loaded.snippets[path].name for path in self.paths]

    @property
    def texts(self) -> list[str]:
        """Every text that may be mended, relative to the root."""
        named = [page.path for page in self.pages] + [lab.path for lab in self.labs] + self.programs
        if self.whole:
            shared = [
                *self.project.docs.glob("*.yml"),
                *self.project.docs.glob("*/*.yml"),
                *self.project.docs.glob("*/*.bib"),
            ]
            named += [self.project.relative(file) for file in sorted(shared)]
        return [name for name in dict.fromkeys(named) if not (self.project.root / name).is_symlink()]

    @property
    def engine(self) -> list[str]:
        """The engine's own Python, without what is vendored and the programs that are broken on purpose."""
        if not self.whole:
            return []
        files = (file for folder in ENGINE for file in (self.project.root / folder).rglob("*.py"))
        return sorted(self.project.relative(file) for file in files if not {"vendor", "hostile"} & set(file.parts))


def check(scope: Scope) -> list[Finding]:
    """Everything wrong that needs no execution. Raises BaguError where a tool is missing."""
    tools.require()
    loaded, project = scope.loaded, scope.project
    pages = [page.path for page in scope.pages]
    english = [*scope.programs, *pages]
    english += [name for name in ENGLISH if scope.whole and (project.root / name).is_file()]
    finish = tools.start(project.root, scope.programs, scope.engine, english)
    findings = [f for f in loaded.findings if _wanted(f, scope)]
    findings += [f for f in editorial.check(loaded) if _asked(f.path, scope)]
    for path in scope.paths:
        item = loaded.snippets[path]
        if not loaded.embeds(path):
            red = evidence.static_result(item)
            findings += red.findings() if red else []
            message = "no article embeds this snippet; embed it with proof or refute, or delete it"
            findings.append(Finding(item.name, 0, message, rule="S-08"))
        if not item.record.is_file() and not item.faults:
            message = f"{item.record.name} is missing; `bagu accept {item.name}` writes it"
            findings.append(Finding(item.name, 0, message, rule="E-07"))
    return findings + _texts(scope) + finish()


def fix(scope: Scope) -> list[str]:
    """Mend what can be mended; a line for each file changed, with the rules and how often. Raises OSError."""
    tools.require()
    said = []
    for name in scope.texts:
        file = scope.project.root / name
        raw = file.read_bytes()
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if layout.has_conflict(text):
            said.append(f"{name}: left as it is: a merge left its markers here [T-08]")
            continue
        new, mended = _mended(scope, name, text)
        if new.encode() != raw:
            write_atomically(file, new)
            said.append(f"{name}: mended {_counted(mended)}")
    return said + _ruff(scope)


def _mended(scope: Scope, name: str, text: str) -> tuple[str, Counter[str]]:
    rules: Counter[str] = Counter()
    for _ in range(3):  # what one step writes may give another something to do
        before = text
        rules.update(f.rule for f in layout.findings(name, text.encode()))
        text = layout.fixed(name, text)
        if _is_prose(name):
            changes = typography.edits(name, text)
            rules.update(edit.rule for edit in changes)
            text = typography.apply(text, changes)
        if name.endswith(".md"):
            page = article.parse(scope.project, scope.project.root / name, text.encode())
            text, done = front_matter(page, scope.loaded.references)
            rules.update(done)
        if text == before:
            break
    return text, rules


def front_matter(page: article.Article, known: dict) -> tuple[str, list[str]]:
    """An article with its keys in order and its ``sources`` as cited, and the rules that this mends."""
    starts = sorted(page.meta_lines.values())
    if not page.id or not page.meta or any(f.rule == "A-02" for f in page.findings):
        return page.text, []
    lines = page.text.split("\n")
    end = lines.index("---", 1) + 1
    chunks = {
        key: lines[first - 1 : min([s for s in starts if s > first], default=end) - 1]
        for key, first in page.meta_lines.items()
    }
    done = []
    cited = list(dict.fromkeys(citation.key for citation in page.citations if citation.key in known))
    sources = page.meta["sources"]
    held = {key for c in page.citations if c.key not in known for key in corpus.meant(c.key, known)}
    if any(f.rule == "A-11" for f in page.findings):
        kept = [key for key in dict.fromkeys(sources) if key in cited or key in held]
        wanted = kept + [key for key in cited if key not in kept]
        if wanted != sources:
            chunks["sources"] = [f"sources: [{', '.join(wanted)}]"]
            done.append("A-11")
    if list(page.meta_lines) != list(article.KEYS):
        done.append("A-10")
    head = [line for key in article.KEYS for line in chunks[key]]
    return "\n".join([*lines[: starts[0] - 1], *head, *lines[end - 1 :]]), done


def _ruff(scope: Scope) -> list[str]:
    findings = tools.start(scope.project.root, scope.programs, scope.engine, [])()
    said = []
    for name in sorted({finding.path for finding in findings}):
        file, engine = scope.project.root / name, name in scope.engine
        text = file.read_text("utf-8")
        new = tools.fixed(scope.project.root, name, text, engine)
        if new != text and not layout.has_conflict(text):
            write_atomically(file, new)
            said.append(f"{name}: mended {'S-09, S-10' if engine else 'S-09'} (ruff)")
    return said


def _counted(rules: Counter[str]) -> str:
    return ", ".join(rule if count == 1 else f"{rule} ×{count}" for rule, count in sorted(rules.items()))


# --- Texts -----------------------------------------------------------------------------------------------------------


def _is_prose(name: str) -> bool:
    return name.endswith(".md") or name.startswith(("docs/concepts/", "docs/labs/"))


def _survey(name: str, text: str) -> list:
    """What is wrong with a text by itself, as plain data: [[line, message, rule]]."""
    found = [*layout.findings(name, text.encode())]
    if _is_prose(name) and not layout.has_conflict(text):
        text = layout.normal(text)
        found += typography.findings(name, text)
        seen = typography.visible(name, text)
        found += [
            Finding(name, line, f"`{phrase}` says nothing; strike it out", rule="T-05")
            for line, phrase in editorial.filler(seen)
        ]
        found += [Finding(name, line, message, rule="T-06") for line, message in editorial.spelling(seen)]
    return [[f.line, f.message, f.rule] for f in found]


def _texts(scope: Scope) -> list[Finding]:
    modules = (typography, layout, editorial, formula, t)
    salt = content_key(*(Path(m.__file__).read_bytes() for m in (*modules,)), version("autocorrect-py"), __doc__ or "")
    memo = Memo(scope.project.cache / "texts.json", salt)
    found = []
    for name in scope.texts:
        raw = (scope.project.root / name).read_bytes()
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            if name in scope.programs or name in scope.loaded.pages:
                continue  # S-01 and T-04 of the page say it
            found += layout.findings(name, raw)
            continue
        found += [Finding(name, line, message, rule=rule) for line, message, rule in memo.of(_survey, name, text)]
    if scope.whole:
        memo.save()
    return found


def _wanted(finding: Finding, scope: Scope) -> bool:
    """Whether a finding of the corpus concerns what was asked for; a fault in a shared file (a .bib, the map) does."""
    if finding.path in scope.loaded.pages:
        also = finding.also.partition(":")[0]
        return any(page.path == finding.path for page in scope.pages) or also in scope.programs
    return True


def _asked(path: str, scope: Scope) -> bool:
    return scope.whole or path in scope.programs or any(page.path == path for page in scope.pages)
