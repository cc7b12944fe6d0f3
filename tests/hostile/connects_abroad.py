# bagu: network=loopback seconds=2
# row: defence=audit status=denied
"""With loopback allowed, connects to another machine."""

import socket

try:
    socket.create_connection(("192.0.2.1", 9), timeout=0.1)
except OSError:
    pass
assert 1 + len([]) == 1, "held: it came to its end"
