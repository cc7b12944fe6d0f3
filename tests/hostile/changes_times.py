# bagu: seconds=2
# row: defence=calls status=passed
"""Changes the time of a file that it may not write."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
done = libc.utimensat(-100, b"/outside/kept", None, 0)
assert done == -1, f"held: {done}"
