"""A fork server: imports libraries once, then forks supervisors, which fork a process for each job. Standard library only.

Started as ``python -m bagu.server FD BASE`` with a cleaned environment. The protocol is one JSON object a line over a
socket: ``{"job": {...}}`` runs a snippet and is answered by its raw facts; ``{"level": name, "modules": [...]}``,
which carries a socket (SCM_RIGHTS), forks this server into a second one that imports the modules and serves that
socket. The end of the socket ends the server and everything below it.

A supervisor stays for the next job: with PyTorch imported, forking one takes as long as forking the program itself.

Fork safely: one thread, asserted at each fork; libraries are imported here, but nothing is computed with them, because
a thread pool made before a fork hangs the children for ever.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass, field

from . import supervisor


@dataclass
class _Supervisor:
    pid: int
    channel: socket.socket
    job: str | None = None  # the id of what it runs; None while it waits
    said: bytearray = field(default_factory=bytearray)


class Server:
    """Serves one socket until its end; ``base`` is the folder for temporary directories."""

    def __init__(self, channel: socket.socket, base: str):
        self.channel, self.base = channel, base
        self.selector = selectors.DefaultSelector()
        self.selector.register(channel, selectors.EVENT_READ)
        self.pids: set[int] = set()  # supervisors and levels, to be reaped
        self.supervisors: dict[int, _Supervisor] = {}  # by the descriptor of their channel
        self.buffer = b""
        self.sockets: list[int] = []

    def serve(self) -> None:
        """The loop; returns when the other end is gone."""
        gc.freeze()  # else the first collection in a fork writes to every page of the libraries, which copies them
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.channel:
                    if not self._receive():
                        self._stop()
                        return
                else:
                    self._hear(self.supervisors[key.fd])

    def _receive(self) -> bool:
        try:
            data, sockets, _, _ = socket.recv_fds(self.channel, 1 << 20, 4)
        except OSError:
            return False
        if not data:
            return False
        self.sockets += sockets
        self.buffer += data
        *lines, self.buffer = self.buffer.split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "job" in message:
                self._give(message["job"])
            else:
                self._fork_level(message, self.sockets.pop(0))
        return True

    def _fork(self) -> int:
        if sys.platform == "linux" and len(os.listdir("/proc/self/task")) != 1:
            raise RuntimeError("the fork server has more than one thread; a fork could hang")
        sys.stdout.flush()
        sys.stderr.flush()
        return os.fork()

    def _give(self, job: dict) -> None:
        """Hand a job to a supervisor that waits, or to a new one."""
        supervisor.prepare(job)
        free = next((one for one in self.supervisors.values() if one.job is None), None) or self._fork_supervisor()
        free.job = job["id"]
        try:
            free.channel.sendall(json.dumps(job).encode() + b"\n")
        except OSError:  # it is gone; its end is heard of next, and tells that the job has no facts
            return

    def _fork_supervisor(self) -> _Supervisor:
        ours, theirs = socket.socketpair()
        pid = self._fork()
        if pid == 0:
            ours.close()
            self._forget()
            supervisor.serve(theirs, self.base)
        theirs.close()
        self.pids.add(pid)
        self.selector.register(ours, selectors.EVENT_READ)
        self.supervisors[ours.fileno()] = new = _Supervisor(pid, ours)
        return new

    def _fork_level(self, message: dict, handle: int) -> None:
        pid = self._fork()
        if pid == 0:
            code = 1
            try:
                self._forget()
                channel = socket.socket(fileno=handle)
                started = time.perf_counter()
                gc.disable()  # libraries make a million objects that stay: an eighth of the time of importing PyTorch
                for name in message["modules"]:
                    _preload(name)
                gc.enable()
                seconds = round(time.perf_counter() - started, 3)
                channel.sendall(json.dumps({"level": message["level"], "seconds": seconds}).encode() + b"\n")
                Server(channel, self.base).serve()
                code = 0
            except BaseException:  # noqa: BLE001 - the client sees the end of the socket
                import traceback

                traceback.print_exc()
            finally:
                os._exit(code)
        os.close(handle)
        self.pids.add(pid)

    def _hear(self, one: _Supervisor) -> None:
        """The facts of a job, or the end of a supervisor; one that ends in the middle of a job leaves it without facts."""
        try:
            chunk = one.channel.recv(1 << 20)
        except OSError:
            chunk = b""
        one.said += chunk
        if not chunk:
            self.selector.unregister(one.channel)
            del self.supervisors[one.channel.fileno()]
            one.channel.close()
            os.waitpid(one.pid, 0)
            self.pids.discard(one.pid)
        elif not one.said.endswith(b"\n"):
            return
        if one.job is None:
            return
        try:
            facts = json.loads(bytes(one.said))
        except ValueError:
            facts = None
        done, one.job = one.job, None
        one.said.clear()
        self.channel.sendall(json.dumps({"done": done, "facts": facts}).encode() + b"\n")

    def _forget(self) -> None:
        """In a fresh fork: this server's descriptors are not the child's."""
        self.selector.close()
        self.channel.close()
        for one in self.supervisors.values():
            one.channel.close()

    def _stop(self) -> None:
        for one in self.supervisors.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(one.pid, signal.SIGTERM)
        end = time.monotonic() + 4
        while self.pids and time.monotonic() < end:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            self.pids.discard(pid)
            if not pid:
                time.sleep(0.01)


PRELOADED = {
    # what a library imports only when it is first used, and every snippet that uses it would import again
    "numpy": ("numpy.random", "numpy.linalg", "numpy.fft"),
    "matplotlib": ("matplotlib.pyplot", "matplotlib.backends.backend_svg"),
    "torch": ("torch.profiler",),
    "transformers": ("transformers.models.gpt2.modeling_gpt2", "transformers.models.llama.modeling_llama"),
}


def _use_torch() -> None:
    import torch

    torch.manual_seed(0)
    layer, x = torch.nn.Linear(4, 4), torch.randn(4, 4)
    torch.nn.functional.cross_entropy(torch.relu(layer(x)) @ x.softmax(-1), torch.arange(4)).backward()


def _use_optimizers() -> None:
    import torch

    weight = torch.nn.Parameter(torch.ones(2))
    for kind in (torch.optim.SGD, torch.optim.AdamW):
        optimizer = kind([weight], lr=0.1)
        weight.square().sum().backward()
        optimizer.step()
        optimizer.zero_grad()


# What a library prepares when it is first used, it prepares here, once: 10 of the 25 ms of a small program with PyTorch.
# One thread, so no pool of threads is made; no number depends on it, since every program is seeded.
USED = {"torch": _use_torch, "torch._dynamo": _use_optimizers}


def _preload(name: str) -> None:
    """Import a library and what belongs to it; a library that isn't there is the snippet's error."""
    for module in (name, *PRELOADED.get(name, ())):
        try:
            importlib.import_module(module)
        except ImportError:
            return
    if name == "torch":
        sys.modules["torch"].set_num_threads(1)
    if name in USED:
        USED[name]()


def main() -> None:
    handle, base = int(sys.argv[1]), sys.argv[2]
    for name in sys.argv[3:]:  # settings of this process that no program is to find
        os.environ.pop(name, None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.dont_write_bytecode = True
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:] = [path for path in sys.path if path and os.path.abspath(path) != here]
    try:
        Server(socket.socket(fileno=handle), base).serve()
    finally:  # also when the client was killed and could not tidy up
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
