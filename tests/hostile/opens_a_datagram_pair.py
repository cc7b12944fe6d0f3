# bagu: seconds=2
# row: defence=sockets status=passed
"""Compiled code opens a pair that could send to other Unix sockets."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
handle = libc.socketpair(1, 2, 0, ctypes.create_string_buffer(8))
assert handle == -1, f"held: {handle}"
