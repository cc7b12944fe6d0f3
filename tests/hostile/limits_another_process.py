# bagu: seconds=2
# row: defence=calls status=passed
"""Sets the limits of another process of the user."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
done = libc.prlimit(4242424242, 4, (ctypes.c_uint64 * 2)(0, 0), None)
assert done == -1, f"held: {done}"
