"""Landlock (Linux 5.13 and later): the kernel refuses this process, for good, writes outside given folders.

By direct system calls (linux/landlock.h); no library needed. From ABI 4 on (Linux 6.7) TCP connect and bind can be
refused as well. Where the kernel doesn't know it, nothing happens and ``abi()`` says 0.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from functools import cache

CREATE, ADD, RESTRICT = 444, 445, 446  # the same numbers on every architecture
PR_SET_NO_NEW_PRIVS = 38
WRITES = sum(
    1 << bit for bit in (1, 4, 5, 6, 7, 8, 9, 10, 11, 12)
)  # write, remove dir/file, make char/dir/reg/sock/fifo/block/sym
REFER, TRUNCATE = 1 << 13, 1 << 14  # ABI 2, ABI 3
FILE_WRITES = (1 << 1) | TRUNCATE
TCP = 0b11  # bind, connect: ABI 4


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@cache
def abi() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64", "riscv64"):
        return 0
    return max(0, _libc().syscall(CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1)))


def restrict(writable: list[str], network: bool) -> bool:
    """Allow writes below ``writable`` only, and TCP only with ``network``; False where the kernel can't."""
    version = abi()
    if not version:
        return False
    rights = WRITES | (REFER if version >= 2 else 0) | (TRUNCATE if version >= 3 else 0)
    tcp = TCP if version >= 4 and not network else 0
    attributes = struct.pack("=QQ", rights, tcp) if version >= 4 else struct.pack("=Q", rights)
    ruleset = _libc().syscall(CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    if ruleset < 0:
        return False
    try:
        for path in writable:
            try:
                handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue
            allowed = rights if os.path.isdir(path) else rights & FILE_WRITES
            rule = struct.pack("=Qi", allowed, handle)
            _libc().syscall(ADD, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint32(0))
            os.close(handle)
        if _libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            return False
        return _libc().syscall(RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0)) == 0
    finally:
        os.close(ruleset)
