# bagu: seconds=2
# row: defence=sockets status=passed
"""Compiled code opens a UDP socket."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
handle = libc.socket(2, 2, 0)
assert handle == -1, f"held: {handle}"
