# bagu: seconds=2
# row: defence=calls status=passed
"""Makes itself root in a world of its own."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
done = libc.unshare(0x10000000)
assert done == -1, f"held: {done}"
