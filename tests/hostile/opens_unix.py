# bagu: seconds=2
# row: defence=sockets status=passed
"""Compiled code opens a Unix socket, such as a container's daemon has."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
handle = libc.socket(1, 1, 0)
assert handle == -1, f"held: {handle}"
