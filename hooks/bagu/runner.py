"""Runs snippets through a tree of fork servers, in a thread beside whatever else the build does.

The tree: a bare server; from it one that has imported NumPy, from that one with matplotlib and one with torch, from
that one with what torch imports late and one with transformers. Two that some snippet imports together stand in a row
instead, the later forked from the earlier. A level exists only when a stale snippet imports its library, and lives as
long as the runner does (several rebuilds, under serve). What a snippet imports beyond its level, it imports itself.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .snippet import Snippet

LEVELS = ("", "numpy", "matplotlib", "torch", "torch._dynamo", "transformers")
WITHIN = (0, 0, 1, 1, 3, 4)  # the level whose library a level's own imports
# What makes torch import torch._dynamo or SymPy when it is first used, 1.8 s.
_LATE = re.compile(r"\b(optim|fsdp|flop_counter|autograd)\b")
OUTPUT, PROCESSES = 2**20, 32
STDIN = subprocess.DEVNULL
# What a snippet's process finds in its environment; everything else, secrets included, stays outside.
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
FIXED = {
    "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONUTF8": "1",
    "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1",
    "MPLBACKEND": "Agg", "GLOO_SOCKET_IFNAME": "lo", "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1",
    "SOURCE_DATE_EPOCH": "0", "PYTHONDONTWRITEBYTECODE": "1", "TORCH_CPP_LOG_LEVEL": "ERROR",
}  # fmt: skip
# Of the servers alone, which take it out before anything is run: what the C library allocates lies in huge pages where
# the kernel gives them on request, because a fork copies an entry for each page: 12 ms instead of 20 with PyTorch imported.
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}


@dataclass
class Job:
    """One run to do. ``equal``: with ``claimed = actual`` inserted, which must turn a refutation red. ``soft``: a mutant,
    which goes on after a failed assertion; its facts are no verdict on the snippet. ``cpu``: seconds of computing (of
    its first process) after which it is stopped, beside the header's limit. ``expected``: seconds that it may take; the longest
    start first. ``without``: defences left out, for tests.
    """

    key: str
    snippet: Snippet
    equal: bool = False
    soft: bool = False
    cpu: float | None = None
    expected: float = 0.0
    without: tuple[str, ...] = ()

    @property
    def levels(self) -> set[int]:
        """The levels whose libraries it imports; it runs on the highest, once all of them are there."""
        names = set(self.snippet.imports) & set(LEVELS)
        if "torch" in names and _LATE.search(self.snippet.source):
            names.add("torch._dynamo")
        return {0} | {LEVELS.index(name) for name in names}

    @property
    def level(self) -> int:
        return max(self.levels)

    def message(self) -> dict:
        header = self.snippet.header
        return {
            "id": self.key,
            "file": str(self.snippet.file),
            "source": self.snippet.source,
            "equal": self.equal,
            "soft": self.soft,
            "cpu": self.cpu,
            "imports": list(self.snippet.imports),
            "seconds": header.seconds,
            "memory": header.memory,
            "network": header.network,
            "files": [str(self.snippet.file.parent / name) for name in header.files],
            "output": OUTPUT,
            "processes": PROCESSES,
            "private": [os.path.expanduser("~")],
            "without": list(self.without),
        }


@dataclass
class _Level:
    index: int
    channel: socket.socket
    ready: bool = False
    buffer: bytes = b""
    running: dict[str, Job] = field(default_factory=dict)


def below(level: int, together: Sequence[set[int]], there: set[int]) -> int:
    """The level that a level is forked from: the highest one that its library imports or that some program needs
    besides. ``together`` are the levels of each program, ``there`` those that exist.
    """
    needed, within = there.union({0}, *together), WITHIN[level]
    while within not in needed:
        within = WITHIN[within]
    besides = {within}.union(*(levels for levels in together if level in levels))
    return max(other for other in besides if other < level)


class Runner:
    """``submit`` jobs, ``wait`` for all their facts; ``close`` ends every process and removes every temporary file.

    ``seed`` is that of ``random``, NumPy, PyTorch and hashing; a site is built with 0.
    ``facts`` are what the supervisor saw (see ``evidence.judge``), or None where the runner itself failed.
    """

    def __init__(
        self,
        cache_dir: Path,
        jobs: int | None = None,
        progress: Callable[[int, int], None] | None = None,
        seed: int = 0,
    ):
        self.jobs = jobs or max(2, os.cpu_count() or 1)
        self.cache_dir, self.seed = cache_dir, seed
        self.progress = progress or (lambda done, total: None)
        self.levels: dict[int, _Level] = {}
        self.process: subprocess.Popen | None = None
        self.base: Path | None = None
        self.thread: threading.Thread | None = None
        self.results: dict[str, dict | None] = {}
        self.failure: BaseException | None = None
        self.closing = False
        self.ended = threading.Condition()

    def warm(self, jobs: list[Job]) -> None:
        """Start the servers that these jobs will need; they import while the caller goes on."""
        together = [job.levels for job in jobs]
        for index in sorted(set().union(*together)):
            self._ensure(index, together)

    def submit(self, jobs: list[Job]) -> None:
        """Start running jobs in the background. One batch at a time: ``wait`` before the next ``submit``."""
        assert self.thread is None, "a batch is already running"
        self.results, self.failure = {}, None
        if jobs:
            self.thread = threading.Thread(target=self._drive, args=(list(jobs),), name="bagu-runner", daemon=True)
            self.thread.start()

    def running(self, keys: Iterable[str] | None = None) -> bool:
        """Whether any of these jobs (None: any job) has still to end."""
        at_work = self.thread is not None and self.thread.is_alive()
        return at_work and (keys is None or any(key not in self.results for key in keys))

    def wait(self, keys: Iterable[str] | None = None) -> dict[str, dict | None]:
        """The facts of all submitted jobs by key, or of those that ended by the time that ``keys`` had. Raises what
        went wrong in the runner itself.
        """
        if keys is not None:
            wanted = list(keys)
            while self.running(wanted):
                with self.ended:
                    self.ended.wait(0.2)
            if self.running():
                return dict(self.results)
        if self.thread is not None:
            while self.thread.is_alive():  # a join without a time limit would swallow Ctrl-C on some systems
                self.thread.join(0.2)
            self.thread = None
        if self.failure is not None:
            raise self.failure
        return self.results

    def close(self) -> None:
        """End all servers and what they run. Safe to call twice."""
        self.closing = True
        importing = not all(level.ready for level in self.levels.values())
        if self.process is not None and self.thread is None and importing:
            with contextlib.suppress(ProcessLookupError):  # nothing runs, and who imports would hear us seconds later
                os.killpg(self.process.pid, signal.SIGKILL)
        for level in self.levels.values():
            try:
                level.channel.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        if self.thread is not None:
            self.thread.join(5)
            self.thread = None
        for level in self.levels.values():
            level.channel.close()
        self.levels = {}
        if self.process is not None:
            try:
                self.process.wait(8)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        if self.base is not None:
            shutil.rmtree(self.base, ignore_errors=True)
            self.base = None
        atexit.unregister(self.close)
        self.closing = False

    def _start(self) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="bagu-"))
        ours, theirs = socket.socketpair()
        package = Path(__file__).parent
        matplotlib = self.cache_dir / "matplotlib"
        try:
            matplotlib.mkdir(parents=True, exist_ok=True)
        except OSError:
            matplotlib = self.base / "matplotlib"
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        environment |= FIXED | {
            **HUGE_PAGES,
            "HOME": str(self.base),
            "PYTHONHASHSEED": str(self.seed),
            "TMPDIR": str(self.base),
            "MATPLOTLIBRC": str(package / "matplotlibrc"),
            "MPLCONFIGDIR": str(matplotlib),
        }
        bootstrap = f"import sys; sys.path.insert(0, {str(package.parent)!r}); from bagu.server import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", bootstrap, str(theirs.fileno()), str(self.base), *HUGE_PAGES],
            env=environment, pass_fds=[theirs.fileno()], stdin=STDIN, cwd=self.base, start_new_session=True,
        )  # fmt: skip
        theirs.close()
        self.levels[0] = _Level(0, ours, ready=True)
        atexit.register(self.close)

    def _ensure(self, index: int, together: list[set[int]]) -> _Level:
        """The server of a level, forked from ``below`` where there is none."""
        if index in self.levels:
            return self.levels[index]
        if not index:
            self._start()
            return self.levels[0]
        parent = self._ensure(below(index, together, set(self.levels)), together)
        ours, theirs = socket.socketpair()
        message = json.dumps({"level": LEVELS[index], "modules": [LEVELS[index]]}).encode() + b"\n"
        # A level imports before it reads its socket, so jobs sent meanwhile wait there.
        socket.send_fds(parent.channel, [message], [theirs.fileno()])
        theirs.close()
        self.levels[index] = _Level(index, ours)
        return self.levels[index]

    def _drive(self, jobs: list[Job]) -> None:
        try:
            self._run(jobs)
        except BaseException as error:  # noqa: BLE001 - raised again in wait()
            self.failure = None if self.closing else error

    def _run(self, jobs: list[Job]) -> None:
        total = len(jobs)
        self.warm(jobs)
        selector = selectors.DefaultSelector()
        for level in self.levels.values():
            selector.register(level.channel, selectors.EVENT_READ, level)
        waiting = sorted(jobs, key=lambda job: (-job.expected, -job.level, job.snippet.path))
        running = 0
        while waiting or running:
            # Ready servers first: while torch is being imported, the NumPy snippets run.
            while running < self.jobs and waiting:
                job = next((j for j in waiting if all(self.levels[i].ready for i in j.levels)), None)
                if job is None:
                    break
                waiting.remove(job)
                level = self.levels[job.level]
                level.running[job.key] = job
                level.channel.sendall(json.dumps({"job": job.message() | {"seed": self.seed}}).encode() + b"\n")
                running += 1
            for key, _ in selector.select():
                level = key.data
                try:
                    chunk = level.channel.recv(1 << 20)
                except OSError:
                    chunk = b""
                if not chunk:
                    if self.closing:
                        return
                    lost = list(level.running) + [j.key for j in waiting if j.level == level.index]
                    self.results |= dict.fromkeys(lost)
                    running -= len(level.running)
                    waiting = [j for j in waiting if j.level != level.index]
                    selector.unregister(level.channel)
                    level.channel.close()
                    self.levels.pop(level.index, None)
                    continue
                *lines, level.buffer = (level.buffer + chunk).split(b"\n")
                for line in lines:
                    message = json.loads(line)
                    if "level" in message:
                        level.ready = True
                        continue
                    level.running.pop(message["done"])
                    with self.ended:
                        self.results[message["done"]] = message["facts"]
                        self.ended.notify_all()
                    running -= 1
                    self.progress(len(self.results), total)
