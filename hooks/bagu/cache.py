"""Results of snippets that passed, by content: one index file, written beside and renamed, never a failure in it."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import platform
import sys
from collections.abc import Callable
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from .project import write_atomically
from .snippet import Snippet, content_key

T = TypeVar("T")
VERSION = 1
ENGINE = ("sandbox.py", "supervisor.py", "server.py", "landlock.py", "runner.py", "cache.py", "matplotlibrc")
KEPT = 5000  # entries at most; the longest unused go first


@cache
def engine_key() -> str:
    """A digest of the modules that execute snippets: change one, and everything is stale."""
    here = Path(__file__).parent
    return content_key(*((here / name).read_bytes() for name in ENGINE))


@cache
def version(distribution: str) -> str:
    """The installed version of a distribution, or "" where it isn't installed."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


@cache
def _owners() -> dict[str, list[str]]:
    return dict(importlib.metadata.packages_distributions())


def distributions(modules: list[str]) -> dict[str, str]:
    """{distribution: version} of the distributions that provide top-level modules."""
    return {owner: version(owner) for module in modules for owner in sorted(set(_owners().get(module, [])))}


def key(snippet: Snippet, equal: bool = False) -> str:
    """The content key of a run: engine, snippet, declared files, interpreter, platform; not the record."""
    files = [(snippet.file.parent / name).read_bytes() for name in snippet.header.files]
    return content_key(
        engine_key(), snippet.path, snippet.source, "equal" if equal else "", *snippet.header.files, *files,
        sys.implementation.cache_tag or "", platform.python_version(), sys.platform, platform.machine(),
    )  # fmt: skip


class ResultCache:
    """``get`` a run's raw facts, ``put`` those of a run that passed, ``save`` once.

    A file that is absent, truncated or tampered with is an empty cache; a file that can't be written is said once in
    ``problem`` and costs only the next build's time.
    """

    def __init__(self, path: Path):
        self.path = path
        self.entries = self._read()
        self.changed: dict[str, dict] = {}
        self.used: set[str] = set()
        self.problem = ""

    def get(self, key: str) -> dict | None:
        """The facts kept under a key, if the distributions it imported are still installed in the same versions."""
        entry = self.entries.get(key)
        if entry is None or any(version(name) != kept for name, kept in entry["versions"].items()):
            return None
        self.used.add(key)
        return entry["facts"]

    def put(self, key: str, facts: dict, versions: dict[str, str]) -> None:
        """Keep the facts of a run that passed."""
        entry = {"versions": versions, "facts": facts}
        entry["sum"] = _checksum(entry)
        self.entries[key] = self.changed[key] = entry
        self.used.add(key)

    def save(self) -> None:
        """Merge what this process added into the file, under a lock, so that two builds at once both keep theirs."""
        if not self.changed:
            return
        try:
            with locked(self.path.with_suffix(".lock")):
                entries = self._read() | self.changed
                while len(entries) > KEPT:
                    oldest = next((k for k in entries if k not in self.used), next(iter(entries)))
                    del entries[oldest]
                write_atomically(self.path, json.dumps({"version": VERSION, "entries": entries}, ensure_ascii=False))
            self.changed = {}
        except OSError as error:
            self.problem = (
                f"results can't be kept in {self.path}: {error.strerror or error}; the next build runs them again"
            )

    def _read(self) -> dict[str, dict]:
        try:
            data = json.loads(self.path.read_text("utf-8"))
            if data["version"] != VERSION:
                return {}
            return {
                k: e
                for k, e in data["entries"].items()
                if e.get("sum") == _checksum(e) and isinstance(e["versions"], dict)
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}


def _checksum(entry: dict) -> str:
    return content_key(json.dumps([entry["versions"], entry["facts"]], sort_keys=True))


class Memo:
    """Values of pure functions by their arguments, kept between builds: coloured programs, figures, notebooks.

    ``salt`` changes when the functions do. What a build doesn't use is dropped when it saves. A file that is absent,
    broken or can't be written costs time and nothing else.
    """

    def __init__(self, path: Path, salt: str):
        self.path, self.salt = path, salt
        self.used: dict[str, Any] = {}
        self.changed = False
        try:
            data = json.loads(path.read_text("utf-8"))
            self.known = data["values"] if data["salt"] == salt else {}
        except (OSError, ValueError, KeyError, TypeError):
            self.known = {}

    def of(self, make: Callable[..., T], *arguments: str) -> T:
        """``make(*arguments)``, or what it was last time; the value is of the kinds that JSON keeps."""
        key = content_key(make.__qualname__, *arguments)
        if key not in self.used:
            if key not in self.known:
                self.known[key] = make(*arguments)
                self.changed = True
            self.used[key] = self.known[key]
        return self.used[key]

    def save(self) -> None:
        """Write what was used, if anything is new or gone."""
        if not self.changed and len(self.used) == len(self.known):
            return
        with contextlib.suppress(OSError):
            write_atomically(self.path, json.dumps({"salt": self.salt, "values": self.used}, ensure_ascii=False))


@contextmanager
def locked(path: Path):
    """Hold a lock file, where the system has such locks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        except ImportError:  # no such locks on this system: the last writer wins
            pass
        yield
