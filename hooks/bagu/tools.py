"""The tools that check what they know best: ruff the Python, codespell the English. Configured in pyproject.toml."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from .errors import BaguError, Finding

NEEDED = {"ruff": "ruff", "codespell": "codespell_lib", "autocorrect-py": "autocorrect_py"}


def require() -> None:
    """Raises BaguError with one line that says what to install, where a tool is missing."""
    missing = [name for name, module in NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        message = (
            f"{', '.join(missing)} not installed; `make check` sets it up, or: pip install -r requirements-check.txt"
        )
        raise BaguError(Finding("requirements-check.txt", 0, message))


def start(root: Path, snippets: list[str], engine: list[str], english: list[str]) -> Callable[[], list[Finding]]:
    """Begin to check files (relative to the root) all at once; returns what waits for the findings.

    ``snippets`` and ``engine`` are Python, only the latter formatted by ruff; ``english`` is to be spelt right.
    """
    check = [*_RUFF, "check", "--output-format", "json", *snippets, *engine]
    form = [*_RUFF, "format", "--check", "--output-format", "json", *engine]
    spell = [sys.executable, "-m", "codespell_lib", *english]
    jobs = [
        (command, read, subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        for command, read, files in (
            (check, _ruff, snippets + engine),
            (form, _ruff, engine),
            (spell, _codespell, english),
        )
        if files
    ]

    def finish() -> list[Finding]:
        found: list[Finding] = []
        for command, read, job in jobs:
            out, said = job.communicate()
            try:
                found += read(out, root)
            except ValueError:
                raise BaguError(Finding("pyproject.toml", 0, f"{command[2]} says: {_last(said or out)}")) from None
            if job.returncode and not out.strip():
                raise BaguError(Finding("pyproject.toml", 0, f"{command[2]} says: {_last(said)}"))
        return found

    return finish


def fixed(root: Path, path: str, text: str, form: bool) -> str:
    """A Python file's text after ruff's safe fixes, formatted too where ``form``; as it is where ruff can't read it."""
    steps = [["check", "--fix-only", "-q"], ["format", "-q"]][: 2 if form else 1]
    for step in steps:
        command = [*_RUFF, *step, "--stdin-filename", path, "-"]
        done = subprocess.run(command, cwd=root, input=text, capture_output=True, text=True, check=False)
        text = done.stdout if done.returncode == 0 and done.stdout else text
    return text


_RUFF = [sys.executable, "-m", "ruff"]


def _last(said: str) -> str:
    return (said.strip().splitlines() or ["nothing, and fails"])[-1]


def _ruff(out: str, root: Path) -> Iterator[Finding]:
    for entry in json.loads(out or "[]"):
        path = Path(entry["filename"])
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
        line = (entry["location"] or {"row": 0})["row"]  # none where the file can't be read
        if entry["code"] in (None, "invalid-syntax"):
            if not name.startswith("snippets/"):  # there S-01 says it
                yield Finding(name, line, entry["message"], rule="S-09")
        elif entry["code"] == "unformatted":
            yield Finding(
                name,
                line,
                "not as `ruff format` writes it; `bagu check --fix` does it",
                rule="S-10",
            )
        else:
            todo = "; `bagu check --fix` mends it" if (entry["fix"] or {}).get("applicability") == "safe" else ""
            yield Finding(name, line, f"ruff {entry['code']}: {entry['message']}{todo}", rule="S-09")


def _codespell(out: str, root: Path) -> Iterator[Finding]:
    for line in out.splitlines():
        match = re.fullmatch(r"(?:\./)?(.+?):(\d+): (\S+) ==> (.+)", line)
        if match:
            path, number, wrong, right = match.groups()
            message = f"spelling: `{wrong}` for {right}? mend it, or put the word into pyproject.toml (codespell)"
            yield Finding(path, int(number), message, rule="T-06")
