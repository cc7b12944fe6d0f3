# bagu: seconds=2
# row: defence=sockets status=passed
"""Compiled code opens a socket to the kernel."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
handle = libc.socket(16, 3, 0)
assert handle == -1, f"held: {handle}"
