"""Landlock (Linux 5.13 and later): the kernel refuses this process, for good, files outside given folders.

By direct system calls (linux/landlock.h); no library needed. From ABI 6 on (Linux 6.12) it also refuses signals to
processes outside, and their abstract Unix sockets. Where the kernel doesn't know it, nothing happens and ``abi()``
says 0.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from functools import cache

CREATE, ADD, RESTRICT = 444, 445, 446  # the same numbers on every architecture
PR_SET_NO_NEW_PRIVS = 38
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = (1 << bit for bit in range(4))
WRITES = WRITE_FILE | sum(1 << bit for bit in range(4, 13))  # remove dir/file, make char/dir/reg/sock/fifo/block/sym
REFER, TRUNCATE = 1 << 13, 1 << 14  # ABI 2, ABI 3
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE  # the rights that a rule on a single file may give
SCOPES, SCOPED = 6, 0b11  # the ABI that has them; abstract Unix sockets, signals


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@cache
def abi() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64", "riscv64"):
        return 0
    return max(0, _libc().syscall(CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1)))


def restrict(writable: Iterable[str] | None, readable: Iterable[str] | None, scoped: bool = True) -> bool:
    """Allow writes below ``writable`` only, reads below these and ``readable`` only (None: anywhere); False where the
    kernel can't. Paths that don't exist are left out.
    """
    version = abi()
    if not version:
        return False
    writes = WRITES | (REFER if version >= 2 else 0) | (TRUNCATE if version >= 3 else 0)
    reads = READ_FILE | READ_DIR
    handled = (writes if writable is not None else 0) | (reads | EXECUTE if readable is not None else 0)
    attributes = struct.pack("=Q", handled)
    if version >= SCOPES:
        attributes = struct.pack("=QQQ", handled, 0, SCOPED if scoped else 0)
    ruleset = _libc().syscall(CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    try:
        for paths, rights in ((writable, writes | reads), (readable, reads | EXECUTE)):
            for path in paths or ():
                _allow(ruleset, path, rights & handled)
        if _libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            return False
        return _libc().syscall(RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0)) == 0
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rule = struct.pack("=Qi", rights if os.path.isdir(path) else rights & OF_FILES, handle)
    _libc().syscall(ADD, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint32(0))
    os.close(handle)
