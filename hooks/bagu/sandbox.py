"""What a snippet's own process executes and reports; its code is made by ``make``, just before. Standard library only.

Reports go down a pipe as JSON lines, each written in one piece, so that forked ranks and the main process can share
it. The parent of this process (``supervisor``) reads them; a run without the final ``end`` is never a success.
"""

from __future__ import annotations

import ast
import builtins
import errno
import hashlib
import io
import itertools
import json
import os
import sys
import threading
import time
import types
from collections.abc import Callable
from functools import cache
from typing import Any

MESSAGE = 600  # characters of a message that are kept: escaped, an event still fits into one atomic pipe write (4096)
SOFT = 100  # failures of one assertion that a soft run goes on after, in one process
KEPT = 8  # distinct messages kept of one assertion in one process
END = -1  # stands for the program's last line where an assertion's index is meant
WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {
    # audit event: positions of the paths that it changes
    "os.remove": (0,), "os.rename": (0, 1), "os.mkdir": (0,), "os.rmdir": (0,), "os.symlink": (1,), "os.link": (1,),
    "os.truncate": (0,), "os.chmod": (0,), "os.chown": (0,), "os.utime": (0,), "os.mkfifo": (0,), "os.mknod": (0,),
}  # fmt: skip


def stamp(secret: str, index: int) -> str:
    """What proves that the branch in which assertion ``index`` holds (or END, the last line) was executed.

    It stands in the code of that branch alone, and who reads the report derives it anew from the secret, which the
    snippet's process forgets before it starts.
    """
    return hashlib.sha256(f"{secret} {index}".encode()).hexdigest()[:16]


class Probe:
    """Records which assertions are reached, with what message and result, and whether the last line was.

    A constant in the snippet's code, under no name; everything it calls was bound before the snippet ran,
    so a snippet that replaces ``AssertionError``, ``str`` or ``os.write`` changes nothing here. Reports are numbered, so
    one that a snippet keeps from arriving is missed. ``soft`` (for mutants alone): after a failure the program goes on, so that one run tells every label that fails; not for ever, because an
    assertion may be what ends a loop.
    """

    end = ""  # the stamp of the last line, once it was reached

    def __init__(self, channel: int, token: str, soft: bool = False):
        write, quote, getpid, number = os.write, json.encoder.encode_basestring_ascii, os.getpid, itertools.count()
        text, failure, seen, failures = str, AssertionError, {}, {}
        following, kind_of, many, length, wrong = number.__next__, type, list, len, Exception

        def encode(value: Any) -> str:  # as JSON, by opcodes and compiled functions alone
            if kind_of(value) is text:
                return quote(value)
            if kind_of(value) is many:
                return f"[{', '.join([encode(item) for item in value])}]"
            return f"{value!r}".lower()

        def emit(kind: str, **fields: Any) -> None:
            fields = {"k": kind, "t": token, "p": getpid(), "c": following(), **fields}
            write(channel, f"{{{', '.join([f'{quote(k)}: {encode(v)}' for k, v in fields.items()])}}}\n".encode())

        def said(message: Callable[[], Any]) -> str:
            return "".join((text(message()), ""))[:MESSAGE]  # joined: a str, and no subclass with ideas of its own

        def passed(index: int, message: Callable[[], Any], proof: str = "") -> None:
            known = seen.setdefault((getpid(), index), [])
            if length(known) >= KEPT:
                return
            evaluated = said(message)
            if evaluated not in known:
                known.append(evaluated)
                emit("pass", i=index, m=evaluated, n=proof)

        def failed(index: int, message: Callable[[], Any]) -> None:
            evaluated = ""
            try:
                evaluated = said(message)
            except wrong:  # the assertion has failed, whatever its message does
                if not soft:
                    raise
            finally:
                emit("fail", i=index, m=evaluated)
            count = failures[getpid(), index] = failures.get((getpid(), index), 0) + 1
            if not soft or count > SOFT:
                raise failure(evaluated)

        def ended(proof: str = "") -> None:
            self.end = proof

        self.emit, self.passed, self.failed, self.ended = emit, passed, failed, ended


def instrument(source: str, filename: str, probe: Probe, secret: str, equal: bool = False) -> types.CodeType:
    """Compile a snippet with every ``assert`` replaced by a reported one; ``equal`` inserts ``claimed = actual``.

    Evaluates test and message as ``assert`` would, but the message on success as well: the numbers in it are evidence.
    """
    tree = ast.parse(source, filename=filename)
    place = f"bagu probe {os.urandom(16).hex()}"  # a constant, until the probe itself stands there
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    order = {id(node): i for i, node in enumerate(sorted(nodes, key=lambda node: (node.lineno, node.col_offset)))}

    class Rewrite(ast.NodeTransformer):
        depth = 0

        def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
            self.depth += 1
            self.generic_visit(node)
            self.depth -= 1
            return node

        visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = visit_FunctionDef  # type: ignore[assignment]

        def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
            def call(method: str, *proof: ast.expr) -> ast.stmt:
                message = ast.Lambda(
                    args=ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]),
                    body=node.msg or ast.Constant("")
                )  # fmt: skip
                function = ast.Attribute(ast.Constant(place), method, ast.Load())
                return ast.Expr(ast.Call(function, [ast.Constant(order[id(node)]), message, *proof], []))

            proof = ast.Constant(stamp(secret, order[id(node)]))
            statement: ast.stmt = ast.If(test=node.test, body=[call("passed", proof)], orelse=[call("failed")])
            out = [statement]
            if equal and not self.depth and _starts_with_not(node.msg):
                out.insert(0, ast.Assign([ast.Name("claimed", ast.Store())], ast.Name("actual", ast.Load())))
            for new in out:
                for child in ast.walk(new):
                    if not hasattr(child, "lineno") or child is new:
                        ast.copy_location(child, node)
                ast.fix_missing_locations(new)
            return out

    tree = Rewrite().visit(tree)
    ended = ast.Attribute(ast.Constant(place), "ended", ast.Load())
    last = ast.Expr(ast.Call(ended, [ast.Constant(stamp(secret, END))], []))
    line = max(1, source.count("\n"))
    for node in ast.walk(last):
        node.lineno = node.end_lineno = line  # type: ignore[attr-defined]
    tree.body.append(last)
    return _planted(compile(ast.fix_missing_locations(tree), filename, "exec", dont_inherit=True), place, probe)


def _planted(code: types.CodeType, place: str, probe: Probe) -> types.CodeType:
    """The code with the probe where the constant ``place`` stands, in every function of it."""
    consts = tuple(
        _planted(item, place, probe) if isinstance(item, types.CodeType) else probe if item == place else item
        for item in code.co_consts
    )
    return code.replace(co_consts=consts)


def _starts_with_not(message: ast.expr | None) -> bool:
    if isinstance(message, ast.JoinedStr) and message.values:
        message = message.values[0]
    return isinstance(message, ast.Constant) and isinstance(message.value, str) and message.value.startswith("not-")


def make(job: dict, channel: int, token: str, secret: str) -> tuple[Probe, types.CodeType | Exception]:
    """The probe of a run, and the code for it, or why there is none. Executes nothing.

    Made by the parent of the process that will execute it, whose memory is its own already: the same work in a fresh
    fork costs three times as much. ``channel`` is that process's descriptor, ``token`` marks its reports.
    """
    probe = Probe(channel, token, job.get("soft", False))
    try:
        return probe, instrument(job["source"], job["file"], probe, secret, job.get("equal", False))
    except Exception as error:  # noqa: BLE001 - a result like any other, reported where the program would run
        return probe, error


def run(job: dict, made: list[tuple[Probe, types.CodeType | Exception]]) -> None:
    """Execute one job in this process; returns only when the last line was reached or an exception was reported.

    ``job``: ``source``, ``file``, ``network``, ``imports`` (top-level names), ``seed``, ``private`` (folders that it
    doesn't read), ``without``. The working directory, the standard streams and the limits are set by the caller.
    ``made`` is emptied here: a snippet can walk up to whoever called this.
    """
    probe, code = made.pop()
    emit = probe.emit
    main_pid = os.getpid()
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "wb", closefd=False)), "utf-8", "strict", "\n")
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "wb", closefd=False)), "utf-8", "backslashreplace", "\n"
    )
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115
    sys.__stdout__, sys.__stderr__, sys.__stdin__ = sys.stdout, sys.stderr, sys.stdin
    sys.argv = [job["file"]]
    flush = (sys.stdout.flush, sys.stderr.flush)
    enumerate_threads, main_thread = threading.enumerate, threading.main_thread()
    clock, leave, getpid = time.perf_counter, os._exit, os.getpid
    memory_error, run_atexit = MemoryError, _fresh_atexit()

    started = clock()
    newest = next(reversed(sys.modules))  # a look at all names would copy the pages of thousands of them
    try:
        if isinstance(code, Exception):
            raise code
        _seed(job["imports"], job["seed"])
        module = types.ModuleType("__main__")
        module.__dict__.update({"__file__": job["file"], "__builtins__": builtins})
        sys.modules["__main__"] = module
        if "audit" not in job["without"]:
            _audit(emit, os.getcwd(), job)
        exec(code, module.__dict__)  # noqa: S102 - the purpose of this file
        if getpid() != main_pid:  # a forked child that ran on past the parent's code: its reports are in
            leave(0)
        alive = [t.name for t in enumerate_threads() if t is not main_thread and not t.daemon and t.is_alive()]
        _stop_resource_tracker()
        if alive:
            emit("left", m="a thread that is no daemon: " + ", ".join(alive)[:MESSAGE])
        run_atexit()
        for write_out in flush:
            write_out()
        later = itertools.takewhile(lambda name: name is not newest, reversed(sys.modules))
        fresh = {str(name).partition(".")[0] for name in later} | set(job["imports"])
        foreign = sorted(n for n in fresh if n not in sys.stdlib_module_names and not n.startswith(("_", "bagu")))
        emit("end", s=round(clock() - started, 4), imports=foreign[:40], n=probe.end)
        leave(0)
    except SystemExit as error:
        emit("exit", m=str(error.code)[:MESSAGE], line=_line(error, job["file"]))
    except BaseException as error:  # noqa: BLE001 - whatever a snippet throws is a result
        memory = isinstance(error, memory_error) or getattr(error, "errno", None) == errno.ENOMEM
        memory = memory or "can't allocate memory" in str(error)  # torch says it so
        emit("error", type=type(error).__name__, m=str(error)[:MESSAGE], line=_line(error, job["file"]), memory=memory)
        _traceback(error, job["file"])
    finally:
        try:
            for write_out in flush:
                write_out()
        finally:
            leave(1)


def _fresh_atexit() -> Callable[[], None]:
    """Forget exit handlers of the preloaded libraries; what the snippet itself registers runs before the end."""
    import atexit

    atexit._clear()
    return atexit._run_exitfuncs


def _seed(roots: list[str], seed: int) -> None:
    import random

    random.seed(seed)
    if "numpy" in roots or "torch" in roots or "numpy" in sys.modules:
        import numpy

        numpy.random.seed(seed)
    if "torch" in roots or "torch" in sys.modules:
        import torch

        torch.set_num_threads(1)
        torch.default_generator.manual_seed(seed)  # torch.manual_seed also writes down the stack, for each accelerator


def _stop_resource_tracker() -> None:
    """multiprocessing's own helper process isn't the snippet's: end it before processes are counted."""
    module = sys.modules.get("multiprocessing.resource_tracker")
    tracker = getattr(module, "_resource_tracker", None)
    if tracker is not None and getattr(tracker, "_fd", None) is not None:
        try:
            tracker._stop()
        except Exception:  # noqa: BLE001 - then it counts as a process left
            return


def _line(error: BaseException, file: str) -> int:
    line, trace = 0, error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _traceback(error: BaseException, file: str) -> None:
    """The traceback on stderr, from the snippet's first frame on."""
    import traceback

    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename != file:
        trace = trace.tb_next
    try:
        sys.stderr.write("".join(traceback.format_exception(type(error), error, trace)))
    except Exception:  # noqa: BLE001 - a hostile __str__ must not hide the result
        return


@cache
def readable(*private: str) -> list[str]:
    """What an interpreter reads to be one: its own installation and libraries, what the system shares, fonts.

    ``private`` are folders that no such path may contain (the home directory). The paths exist and follow links.
    """
    own = [sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(os.path.isabs, sys.path)]
    own += os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    own += [os.environ[name] for name in ("MPLCONFIGDIR", "MATPLOTLIBRC") if name in os.environ]
    closed = [os.path.join(os.path.realpath(path), "") for path in private]
    own = [path for path in dict.fromkeys(map(os.path.realpath, filter(None, own))) if path != os.sep]
    own = [path for path in own if not any(folder.startswith(os.path.join(path, "")) for folder in closed)]
    etc = (
        "ld.so.cache ld.so.conf ld.so.conf.d localtime timezone fonts nsswitch.conf hosts host.conf gai.conf passwd group "
        "os-release mime.types protocols services python3 python3.11 python3.12 python3.13 matplotlibrc"
    ).split()
    system = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", *(f"/etc/{name}" for name in etc)]
    system += [f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom")]
    system += [f"/proc/{name}" for name in ("cpuinfo", "meminfo", "stat", "filesystems", "version", "loadavg", "sys")]
    system += ["/sys/devices", "/sys/bus/pci", "/sys/class/net", "/sys/fs/cgroup", "/sys/kernel/mm"]
    return [path for path in dict.fromkeys(map(os.path.realpath, own + system)) if os.path.exists(path)]


def _audit(emit: Callable[..., None], work: str, job: dict) -> None:
    """Refuse, and report, writes outside the working directory, connections that the header doesn't ask for, and
    what is read below a private folder or beside the snippet: a file that the header doesn't name is in no cache key.

    An audit hook can't be taken away again and sees what pure Python does; compiled code passes it by, which is what
    the layers of the operating system are for.
    """
    fspath, join, normpath, realpath, isdir = os.fspath, os.path.join, os.path.normpath, os.path.realpath, os.path.isdir
    dirname, basename, getcwd, get_frame = os.path.dirname, os.path.basename, os.getcwd, sys._getframe
    file, network = job["file"], job["network"]
    private = tuple(join(realpath(path), "") for path in job["private"] if realpath(path) != os.sep)
    own, itself = map(realpath, (work, os.environ["HOME"])), realpath(file)
    beside = join(dirname(itself), "")
    open_to = tuple(join(path, "") for path in (*own, *readable(*job["private"])))
    allowed = (realpath(work) + os.sep, "/dev/shm/", "/dev/null", "/dev/tty", "/proc/self/")
    refused, decode, is_instance = PermissionError, os.fsdecode, isinstance

    def where() -> int:
        frame = get_frame(2)
        while frame is not None:
            if frame.f_code.co_filename == file:
                return frame.f_lineno
            frame = frame.f_back
        return 0

    def deny(what: str) -> None:
        emit("denied", m=what[:MESSAGE], line=where())
        raise refused(f"the sandbox refuses to {what}")

    def check_path(path: Any, what: str) -> None:
        if is_instance(path, int) or path is None:
            return
        full = normpath(join(getcwd(), decode(fspath(path))))
        full = join(realpath(dirname(full)), basename(full))  # follow links on the way, not the last part
        if full + os.sep == allowed[0] or full.startswith(allowed):
            target = realpath(full)
            if target + os.sep == allowed[0] or target.startswith(allowed):
                return
        deny(f"{what} {decode(fspath(path))}, outside the snippet's own directory")

    def check_read(path: Any) -> None:
        if is_instance(path, int) or path is None:
            return
        target = join(realpath(join(getcwd(), decode(fspath(path)))), "")
        if target.startswith(beside) and target not in (join(itself, ""), beside):
            deny(f"read {decode(fspath(path))} beside the snippet; name it in the header (files=…), open the copy")
        if target.startswith(private) and target != join(itself, "") and not target.startswith(open_to):
            deny(f"read {decode(fspath(path))}, in somebody's home; name what it needs in the header (files=…)")

    def check_address(address: Any, what: str) -> None:
        host = address[0] if is_instance(address, tuple) and address else address
        if (
            network == "loopback"
            and is_instance(host, str)
            and (host in ("", "localhost", "::1") or host.startswith("127."))
        ):
            return
        deny(f"{what} {address!r}" + ("" if network == "loopback" else " (the header asks for no network)"))

    def hook(event: str, args: tuple) -> None:
        if event == "open":
            path, _, flags = args
            if flags is not None and is_instance(flags, int) and flags & WRITE_FLAGS:
                check_path(path, "write")
            else:
                check_read(path)
        elif event in ("os.listdir", "os.scandir"):
            check_read(args[0] if args[0] is not None else ".")
        elif event == "os.mkdir" and isdir(args[0]):
            return  # makedirs(exist_ok=True) asks the system, which says that it exists
        elif event in CHANGES:
            for position in CHANGES[event]:
                check_path(args[position], "change")
        elif event == "socket.__new__" and network != "loopback":
            # made from a descriptor that is there, it is one end of a pair; of anything else nothing is known here
            if get_frame(1).f_locals.get("fileno") is None:
                deny("open a socket; there is no network unless the header says network=loopback")
        elif event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"):
            if args[1] is not None:
                check_address(args[1], event.removeprefix("socket.") + " to")
        elif event == "socket.getaddrinfo" and args[0] is not None:
            host = decode(args[0]) if is_instance(args[0], (str, bytes)) else args[0]
            if network != "loopback" or not (host in ("localhost", "::1", "") or host.startswith("127.")):
                deny(f"look up the host {host!r}; there is no network: name a file with the data in the header")

    sys.addaudithook(hook)
