# bagu: seconds=2
# row: defence=sockets status=passed
"""Compiled code opens a TCP socket."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
handle = libc.socket(10, 1, 0)
assert handle == -1, f"held: {handle}"
