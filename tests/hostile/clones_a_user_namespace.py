# bagu: seconds=2
# row: defence=calls status=passed
"""The same by another call."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
done = libc.syscall(56 if ctypes.sizeof(ctypes.c_void_p) == 8 and __import__("platform").machine() == "x86_64" else 220, 0x10000011, 0, 0, 0, 0)
if done == 0:
    libc._exit(0)
if done > 0:
    __import__("os").wait()
assert done == -1, f"held: {done}"
