"""Namespaces (Linux): a /dev/shm of its own for each snippet, and a network that has nothing but a loopback.

Needs root, or a system that lets users make user namespaces. Where it doesn't, nothing happens and ``available()``
says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import struct
import sys
from functools import cache

NEWNS, NEWUSER, NEWNET = 0x20000, 0x10000000, 0x40000000
PRIVATE, SAFE = (1 << 18) | (1 << 14), 2 | 4 | 8  # MS_PRIVATE | MS_REC; nosuid, nodev, noexec
SHARED = "/dev/shm"
SIOCSIFFLAGS, UP = 0x8914, 0x1 | 0x40


@cache
def available() -> bool:
    """Whether ``enter`` works here; tried in a child, because half of it can't be undone."""
    if sys.platform != "linux" or not hasattr(os, "fork"):
        return False
    pid = os.fork()
    if pid == 0:
        code = 1
        with contextlib.suppress(BaseException):
            enter(True, 2**20)
            code = 0
        os._exit(code)
    return os.waitpid(pid, 0)[1] == 0


def enter(loopback: bool, shared: int) -> None:
    """Leave the machine's /dev/shm for an empty one of ``shared`` bytes, and with ``loopback`` its network. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)

    def call(result: int) -> None:
        if result:
            raise OSError(ctypes.get_errno(), "namespaces")

    uid, gid = os.geteuid(), os.getegid()
    call(libc.unshare(NEWNS | (NEWNET if loopback else 0) | (NEWUSER if uid else 0)))
    if uid:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    call(libc.mount(b"none", b"/", None, ctypes.c_ulong(PRIVATE), None))
    call(libc.mount(b"tmpfs", SHARED.encode(), b"tmpfs", ctypes.c_ulong(SAFE), b"mode=1777,size=%d" % shared))
    if loopback:
        import fcntl

        with socket.socket() as handle:
            fcntl.ioctl(handle, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", UP))


def drop_privileges() -> None:
    """Give up every capability of root, in this process and whatever it starts, without changing the user."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, none = struct.pack("=Ii", 0x20080522, 0), bytes(24)  # version 3, this process; three empty sets, twice
    if libc.capset(header, none):
        raise OSError(ctypes.get_errno(), "the kernel keeps the capabilities")
