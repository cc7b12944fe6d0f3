# bagu: seconds=2
# row: defence=calls status=passed
"""Asks to be traced, the first step into another process."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
done = libc.ptrace(0, 0, 0, 0)
assert done == -1, f"held: {done}"
