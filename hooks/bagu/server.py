"""A fork server: imports libraries once, then forks a supervisor for each job. Standard library only.

Started as ``python -m bagu.server FD BASE`` with a cleaned environment. The protocol is one JSON object a line over a
socket: ``{"job": {...}}`` runs a snippet and is answered by its raw facts; ``{"level": name, "modules": [...]}``,
which carries a socket (SCM_RIGHTS), forks this server into a second one that imports the modules and serves that
socket. The end of the socket ends the server and everything below it.

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

from . import supervisor


class Server:
    """Serves one socket until its end; ``base`` is the folder for temporary directories."""

    def __init__(self, channel: socket.socket, base: str):
        self.channel, self.base = channel, base
        self.selector = selectors.DefaultSelector()
        self.selector.register(channel, selectors.EVENT_READ)
        self.pids: set[int] = set()  # supervisors and levels, to be reaped
        self.runs: dict[int, tuple[int, str, bytearray]] = {}  # pipe -> (pid, job id, what it has said)
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
                    self._collect(key.fd)

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
                self._fork_job(message["job"])
            else:
                self._fork_level(message, self.sockets.pop(0))
        return True

    def _fork(self) -> int:
        if sys.platform == "linux" and len(os.listdir("/proc/self/task")) != 1:
            raise RuntimeError("the fork server has more than one thread; a fork could hang")
        sys.stdout.flush()
        sys.stderr.flush()
        return os.fork()

    def _fork_job(self, job: dict) -> None:
        supervisor.prepare(job)
        read_end, write_end = os.pipe()
        pid = self._fork()
        if pid == 0:
            os.close(read_end)
            self._forget()
            supervisor.supervise(job, self.base, write_end)
        os.close(write_end)
        self.pids.add(pid)
        self.runs[read_end] = (pid, job["id"], bytearray())
        self.selector.register(read_end, selectors.EVENT_READ)

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

    def _collect(self, read_end: int) -> None:
        pid, job, said = self.runs[read_end]
        chunk = os.read(read_end, 1 << 20)
        if chunk:
            said += chunk
            return
        self.selector.unregister(read_end)
        os.close(read_end)
        del self.runs[read_end]
        os.waitpid(pid, 0)
        self.pids.discard(pid)
        try:
            facts = json.loads(bytes(said))
        except ValueError:
            facts = None
        self.channel.sendall(json.dumps({"done": job, "facts": facts}).encode() + b"\n")

    def _forget(self) -> None:
        """In a fresh fork: this server's descriptors are not the child's."""
        self.selector.close()
        self.channel.close()
        for read_end in self.runs:
            os.close(read_end)

    def _stop(self) -> None:
        for pid, _, _ in self.runs.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
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
    "matplotlib": ("matplotlib.pyplot", "matplotlib.backends.backend_svg"),
    "transformers": ("transformers.models.gpt2.modeling_gpt2", "transformers.models.llama.modeling_llama"),
}


def _preload(name: str) -> None:
    """Import a library and what belongs to it; a library that isn't there is the snippet's error."""
    for module in (name, *PRELOADED.get(name, ())):
        try:
            importlib.import_module(module)
        except ImportError:
            return
    if name == "torch":
        sys.modules["torch"].set_num_threads(1)


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
