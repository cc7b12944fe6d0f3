"""One process that watches one snippet at a time: limits, output, descendants, the verdict's raw facts. Standard library only.

The supervisor is forked from a server. For each snippet it makes a temporary directory, forks the snippet, and is the
subreaper of everything the snippet starts, so that nothing escapes it by changing its session or losing its parent. It
compiles the snippet and runs nothing itself, so what a snippet does to its own process is gone with that process.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import secrets
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from . import landlock, namespaces, sandbox, seccomp

GRACE = 0.3  # seconds that processes get to end by themselves after the last line
STRETCH = 3  # on a busy machine a limit by the clock becomes this many times as long at most
FIGURE = 100_000  # bytes of an SVG at most
FILES, FILE = 256 * 2**20, 64 * 2**20  # bytes of all files together, of one file
EVENTS = 198  # a snippet's descriptor for its reports
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 1, 4, 36
# What ``job["without"]`` can name: what a test leaves out, one at a time, to see what it is for.
DEFENCES = (
    "clock", "cpu", "memory", "output", "files", "processes", "descendants", "directory", "streams", "audit", "proof",
    "numbers", "writes", "reads", "scopes", "sockets", "calls", "namespaces", "capabilities",
)  # fmt: skip
LINUX = ("subreaper", "landlock", "landlock scopes", "seccomp", "namespaces")  # layers that a kernel may lack


@cache
def layers() -> list[str]:
    """The layers of isolation that hold on this system. In a process of one thread, before anything is restricted."""
    names = ["session", "directory", "environment", "streams", "limits", "audit"]
    there = (
        sys.platform == "linux", landlock.abi() > 0, landlock.abi() >= landlock.SCOPES, seccomp.available(),
        namespaces.available(),
    )  # fmt: skip
    return names + [name for name, here in zip(LINUX, there, strict=True) if here]


def prepare(job: dict) -> None:
    """Find out once, before any fork, what every run of a server needs to know."""
    layers()
    sandbox.readable(*job["private"])
    if seccomp.available():
        seccomp.program(job["network"] == "loopback")


def serve(channel: socket.socket, base: str) -> None:
    """Run one job after the other: a line of JSON in, a line with its raw facts out. Never returns.

    Ends with the channel, at SIGTERM, and after a job some process of which can't be ended. ``base`` is the folder for
    temporary directories. No command, header or environment sets ``job["without"]``: only a program that imports this
    package can.
    """
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        with channel.makefile("rb") as lines:
            for line in lines:
                facts = _supervise(json.loads(line), base, channel.fileno())
                channel.sendall(json.dumps(facts).encode() + b"\n")
                if _reap():
                    break
        code = 0
    except KeyboardInterrupt:
        code = 130
    except BaseException:  # noqa: BLE001 - reported by the server as a runner's failure
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def _supervise(job: dict, base: str, channel: int) -> dict:
    assert set(job["without"]) <= set(DEFENCES), job["without"]
    wanted = "descendants" not in job["without"]
    reaper = _prctl(PR_SET_CHILD_SUBREAPER, wanted) and wanted
    top = tempfile.mkdtemp(prefix="run-", dir=base)
    try:
        return _watch(job, Path(top), channel, reaper)
    finally:
        shutil.rmtree(top, ignore_errors=True)


def _watch(job: dict, top: Path, channel: int, reaper: bool) -> dict:
    work, home = top / "work", top / "home"
    work.mkdir()
    home.mkdir()
    for file in job["files"]:
        shutil.copyfile(file, work / Path(file).name)
    token, secret = secrets.token_hex(8), secrets.token_hex(16)
    pipes = {name: os.pipe() for name in ("stdout", "stderr", "events")}
    made = [sandbox.make(job, EVENTS, token, secret)]
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(channel)
            token = secret = ""  # a snippet can walk up to this frame
            _become(job, work, home, pipes, made)
        finally:
            os._exit(70)
    made.clear()
    for _, write_end in pipes.values():
        os.close(write_end)
    readers = {read_end: name for name, (read_end, _) in pipes.items()}
    data = {name: bytearray() for name in pipes}
    without = job["without"]
    output = job["output"] if "output" not in without else sys.maxsize
    caps = {"stdout": output, "stderr": output, "events": 16 * 2**20}
    # cpu: seconds of this process and of those it waited for; None where it had to be killed
    facts: dict = {"timeout": False, "flooded": False, "left": [], "processes": False, "exit": None, "cpu": None}
    facts |= {"layers": layers(), "files": False, "shared": False, "waited": 0.0}
    deadline = started + (job["seconds"] if "clock" not in without else 3600)
    try:
        handle = os.pidfd_open(pid)
    except (AttributeError, OSError):
        handle = None
    status, next_census = None, started + 0.2
    try:
        while status is None:
            now = time.monotonic()
            if now >= deadline:
                limit, waited = deadline - started - facts["waited"], _waited(pid)
                facts["waited"] = min(waited, limit * (STRETCH - 1))
                deadline = started + limit + facts["waited"]
                if now >= deadline:
                    facts["timeout"] = True
                    break
            watched = list(readers) + ([handle] if handle is not None else [])
            ready, _, _ = select.select(watched, [], [], min(deadline - now, 0.1 if handle is not None else 0.01))
            for end in ready:
                if end != handle:
                    _read(end, readers, data, caps, facts)
            if facts["flooded"]:
                break
            if now >= next_census:
                next_census = now + 0.1
                alive = _descendants(os.getpid())
                facts["processes"] = "processes" not in without and len(alive) > job["processes"]
                facts["files"] = "files" not in without and _size(top) > FILES
                facts["shared"] = "memory" not in without and any(_shared(p) > job["memory"] for p in alive)
                if facts["processes"] or facts["files"] or facts["shared"]:
                    break
            done, code, usage = os.wait4(pid, os.WNOHANG)
            if done:
                status, facts["cpu"] = code, round(usage.ru_utime + usage.ru_stime, 3)
        if status is not None:
            facts["exit"] = os.waitstatus_to_exitcode(status)
            facts["left"] = _leftovers(pid) if "descendants" not in without else []
    finally:
        _kill(pid, status is not None, reaper)
        if handle is not None:
            os.close(handle)
    # what was written before the end is still in the pipes; whoever could add to it has been killed
    while readers:
        ready, _, _ = select.select(list(readers), [], [], 0.05)
        if not ready:
            break
        for end in ready:
            _read(end, readers, data, caps, facts)
    for end in readers:  # held by what can't be killed
        os.close(end)
    facts["wall"] = round(time.monotonic() - started, 3)
    facts["figures"] = _figures(work)
    said = _decode(data, token, secret, pid, [str(work), str(home), str(top)])
    for defence in ("proof", "numbers"):
        if complaint := said.pop(defence):
            said["denied"] += [[0, complaint]] if defence not in without else []
    return facts | said


def _become(job: dict, work: Path, home: Path, pipes: dict, made: list) -> None:
    """Turn this freshly forked process into the snippet's: session, streams, limits, directory, then its code."""
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGPIPE, signal.SIGPROF):
        signal.signal(number, signal.SIG_DFL)
    if "streams" not in job["without"]:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(pipes["stdout"][1], 1)
    os.dup2(pipes["stderr"][1], 2)
    os.dup2(pipes["events"][1], EVENTS, inheritable=False)
    os.closerange(3, EVENTS)
    os.closerange(EVENTS + 1, 4096)
    if "directory" not in job["without"]:
        os.chdir(work)
        os.environ.update(HOME=str(home), TMPDIR=str(work), TMP=str(work), TEMP=str(work), PWD=str(work))
    tempfile.tempdir = None
    _confine(job, [str(work), str(home)])
    _limit(job)
    sandbox.run(job, made)


def _confine(job: dict, own: list[str]) -> None:
    """Every layer that this kernel has, for good. Raises where one that is there can't be had."""
    without, loopback = job["without"], job["network"] == "loopback"
    if "namespaces" not in without and namespaces.available():
        namespaces.enter(loopback, job["memory"])
    if "capabilities" not in without and sys.platform == "linux":
        namespaces.drop_privileges()
    _prctl(PR_SET_DUMPABLE, 1)  # new credentials take this and the next away
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    own += [namespaces.SHARED, "/dev/null"]
    writable = own if "writes" not in without else None
    readable = [*own, job["file"], f"/proc/{os.getpid()}", *sandbox.readable(*job["private"])]
    if landlock.abi() and not landlock.restrict(
        writable, readable if "reads" not in without else None, scoped="scopes" not in without
    ):
        raise RuntimeError("Landlock is there and refused")
    if seccomp.available():
        seccomp.restrict(loopback, sockets="sockets" not in without, calls="calls" not in without)


def _limit(job: dict) -> None:
    seconds, without = int(job["seconds"]) + 1, job["without"]
    limits = {"RLIMIT_CORE": (0, 0), "RLIMIT_NOFILE": (512, 512)}
    if "cpu" not in without:
        limits["RLIMIT_CPU"] = (seconds, seconds + 1)
    if "files" not in without:
        limits["RLIMIT_FSIZE"] = (FILE, FILE)
    if "memory" not in without:
        # Private writable memory, what a program allocates; address space would count torch's mapped libraries.
        limits["RLIMIT_DATA" if sys.platform == "linux" else "RLIMIT_AS"] = (job["memory"], job["memory"])
    for name, value in limits.items():
        with contextlib.suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, name), value)
    if (
        job["cpu"] and "cpu" not in without
    ):  # finer than RLIMIT_CPU, which counts whole seconds; a child doesn't inherit it
        signal.setitimer(signal.ITIMER_PROF, job["cpu"])


def _read(end: int, readers: dict, data: dict, caps: dict, facts: dict) -> None:
    name = readers[end]
    chunk = os.read(end, 65536)
    if not chunk:
        os.close(end)
        del readers[end]
        return
    room = caps[name] - len(data[name])
    data[name] += chunk[:room]
    if len(chunk) > room:
        facts["flooded"] = True


def _decode(data: dict, token: str, secret: str, pid: int, places: list[str]) -> dict:
    """What the events and streams say. A pass or an end without its stamp (see ``sandbox.stamp``) is a forgery, and a
    number that no report has is one that was kept back.
    """
    numbers: dict[int, set[int]] = {}
    facts: dict = {"proof": "", "numbers": ""}
    facts |= {"passes": {}, "fails": [], "denied": [], "error": None, "ended": False, "early": None, "imports": []}
    for line in bytes(data["events"]).split(b"\n"):
        try:
            event = json.loads(line)
            if event.get("t") != token:
                continue
        except (ValueError, AttributeError):
            continue
        kind = event["k"]
        place = event["i"] if kind == "pass" else sandbox.END if kind == "end" and event["p"] == pid else None
        numbers.setdefault(event["p"], set()).add(event["c"])
        if place is not None and event["n"] != sandbox.stamp(secret, place):
            facts["proof"] = "report what the program didn't do"
        if kind == "pass":
            messages = facts["passes"].setdefault(str(event["i"]), [])
            if event["m"] not in messages and len(messages) < 64:
                messages.append(event["m"])
        elif kind == "fail":
            facts["fails"].append([event["i"], event["m"]])
        elif kind == "denied":
            facts["denied"].append([event["line"], event["m"]])
        elif kind == "left":
            facts.setdefault("threads", event["m"])
        elif event["p"] != pid:
            continue  # an exception in a forked rank is its parent's business; assertions are reported above
        elif kind == "error":
            facts["error"] = {key: event[key] for key in ("type", "m", "line", "memory")}
        elif kind == "exit":
            facts["early"] = [event["line"], event["m"]]
        elif kind == "end":
            facts["ended"], facts["seconds"], facts["imports"] = True, event["s"], event["imports"]
    for process, seen in numbers.items():
        if len(seen) <= max(seen) - (0 if process == pid else min(seen)):  # another process goes on from its parent's
            facts["numbers"] = "keep back what its assertions report"
    for name in ("stdout", "stderr"):
        raw = bytes(data[name])
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("utf-8", "backslashreplace")
            facts.setdefault("undecodable", name)
        text = text.replace("\r\n", "\n")
        for place in places:
            text = text.replace(place, "<tmp>")
        facts[name] = text
    return facts


def _waited(pid: int) -> float:
    """Seconds that a process was ready to run and no core was free; 0 where the kernel doesn't count them."""
    try:
        with open(f"/proc/{pid}/schedstat", "rb") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _shared(pid: int) -> int:
    """Bytes of shared memory that a process holds, which its own limit doesn't count; 0 where nobody says."""
    try:
        with open(f"/proc/{pid}/status", "rb") as file:
            return next((int(line.split()[1]) * 1024 for line in file if line.startswith(b"RssShmem:")), 0)
    except OSError:
        return 0


def _size(top: Path) -> int:
    """Bytes of all files below a folder that others may be changing."""
    total = 0
    for folder, _, names in os.walk(top):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512
    return total


def _figures(work: Path) -> list[list[str]]:
    """[name, SVG] for each figure in the working directory, in name order; an oversized one gives its size instead."""
    figures = []
    for path in sorted(work.glob("*.svg")):
        if path.is_symlink() or not path.is_file():
            continue
        size = path.stat().st_size
        text = path.read_bytes().decode("utf-8", "replace") if size <= FIGURE else ""
        figures.append([path.name, text, size])
    return figures


def _leftovers(pid: int) -> list[str]:
    """Names of the processes that outlive the snippet by more than a moment."""
    end = time.monotonic() + GRACE
    while _reap():
        alive = [p for p in _descendants(os.getpid()) if p != pid]
        if not alive or time.monotonic() > end:
            return [_name(p) for p in alive]
        time.sleep(0.01)
    return []


def _kill(pid: int, reaped: bool, reaper: bool) -> None:
    """Kill the session and every descendant, until none is left; what a fork bomb starts meanwhile as well."""
    end = time.monotonic() + 3
    while time.monotonic() < end:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        if not reaper and not reaped:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        if not _reap():
            return
        victims = _descendants(os.getpid())
        for victim in victims:  # stop all first, so that none forks while the others are killed
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(victim, signal.SIGSTOP)
        for victim in victims:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(victim, signal.SIGKILL)
        time.sleep(0.002)


def _reap() -> bool:
    """Take leave of the children that have ended; whether there are others. Orphans come to a subreaper at once."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _descendants(root: int) -> list[int]:
    """Living processes below ``root``, by /proc; nothing where there is no /proc."""
    found, queue = [], [root]
    while queue:
        for child in _children(queue.pop()):
            found.append(child)
            queue.append(child)
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                children += map(int, file.read().split())
    except OSError:  # it is gone, or the kernel keeps no such list
        if not os.path.exists(f"/proc/self/task/{os.getpid()}/children"):
            everybody = [int(name) for name in os.listdir("/proc") if name.isdigit()] if os.path.isdir("/proc") else []
            return [child for child in everybody if _parent(child) == pid]
    return [child for child in children if _parent(child)]


def _parent(pid: int) -> int:
    """The parent of a living process; 0 where it has ended. One whose first thread alone has ended lives."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return 0
    return int(fields[1]) if fields[0] != b"Z" or int(fields[17]) > 1 else 0


def _name(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read(80).replace(b"\0", b" ").decode("utf-8", "replace").strip() or str(pid)
    except OSError:
        return str(pid)


def _prctl(option: int, value: int) -> bool:
    if sys.platform != "linux":
        return False
    import ctypes

    try:
        return ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0
    except (OSError, AttributeError):
        return False
