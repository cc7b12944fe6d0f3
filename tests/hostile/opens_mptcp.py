# bagu: network=loopback seconds=2
# row: defence=sockets status=passed
"""With loopback allowed, compiled code opens a socket of another protocol."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
handle = libc.socket(2, 1, 262)
assert handle == -1, f"held: {handle}"
