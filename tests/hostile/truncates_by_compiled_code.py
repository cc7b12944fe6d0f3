# bagu: seconds=2
# row: defence=writes status=passed
"""Compiled code empties a file."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
done = libc.truncate(b"/outside/emptied", 0)
assert done == -1, f"held: {done}"
