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
VERSION = "bagu results 3"
ENGINE = (
    "sandbox.py", "supervisor.py", "server.py", "landlock.py", "seccomp.py", "namespaces.py", "runner.py", "cache.py",
    "matplotlibrc",
)  # fmt: skip
KEPT = 5000  # entries at most; the longest unused go first
ENGINES = 2  # the present engine and the one before it, for whoever changes between two branches


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
        self.lines = self._read()
        self.changed: dict[str, str] = {}
        self.used: set[str] = set()
        self.problem = ""

    def get(self, key: str) -> dict | None:
        """The facts kept under a key, if the distributions it imported are still installed in the same versions."""
        entry = _entry(key, self.lines.get(key, ""))
        if entry is None or any(version(name) != kept for name, kept in entry["versions"].items()):
            return None
        self.used.add(key)
        return entry["facts"]

    def put(self, key: str, facts: dict, versions: dict[str, str]) -> None:
        """Keep the facts of a run that passed."""
        text, engine = json.dumps({"versions": versions, "facts": facts}), engine_key()[:16]
        self.lines[key] = self.changed[key] = f"{engine} {content_key(key, text)} {text}"
        self.used.add(key)

    def save(self) -> None:
        """Merge what this process added into the file, under a lock, so that two builds at once both keep theirs."""
        if not self.changed:
            return
        try:
            with locked(self.path.with_suffix(".lock")):
                for abandoned in self.path.parent.glob(f".{self.path.name}.*"):  # by a process that was killed
                    abandoned.unlink(missing_ok=True)
                lines = self._read()
                lines = {key: line for key, line in lines.items() if key not in self.changed} | self.changed
                engines = dict.fromkeys(line.partition(" ")[0] for line in reversed(lines.values()))  # latest first
                kept = list(engines)[:ENGINES]
                lines = {key: line for key, line in lines.items() if line.partition(" ")[0] in kept}
                while len(lines) > KEPT:
                    oldest = next((k for k in lines if k not in self.used), next(iter(lines)))
                    del lines[oldest]
                body = "".join(f"{key} {line}\n" for key, line in lines.items())
                write_atomically(self.path, f"{VERSION}\n{body}")
            self.changed = {}
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            self.problem = f"results can't be kept in {self.path}: {reason}; the next build runs them again"

    def _read(self) -> dict[str, str]:
        """{key: "<engine> <checksum> <JSON>"}, oldest first; an entry is checked and parsed when it is asked for."""
        try:
            head, *lines = self.path.read_text("utf-8").split("\n")
        except (OSError, ValueError):
            return {}
        if head != VERSION:
            return {}
        return {key: rest for key, _, rest in (line.partition(" ") for line in lines) if rest}


def _entry(key: str, line: str) -> dict | None:
    """The entry of a line, or None where it isn't what was written under this key."""
    _, checksum, text = (*line.split(" ", 2), "", "")[:3]
    if not text or content_key(key, text) != checksum:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


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
        value = self.get(key)
        if value is None:
            value = make(*arguments)
            self.put(key, value)
        return value

    def get(self, key: str) -> Any:
        """What is kept under a content key, or None."""
        value = self.known.get(key)
        if value is not None:
            self.used[key] = value
        return value

    def put(self, key: str, value: Any) -> None:
        """Keep a value, which isn't None, for this build and the next."""
        self.known[key] = self.used[key] = value
        self.changed = True

    def save(self) -> None:
        """Write what was used, if anything is new or gone."""
        if not self.changed and len(self.used) == len(self.known):
            return
        with contextlib.suppress(OSError, TypeError, ValueError):  # a full disk, what JSON doesn't know
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
