# bagu: seconds=5
# row: defence=audit status=denied
"""Asks the network for a name, which can carry a message."""

import socket

try:
    socket.getaddrinfo("secret.invalid", 80)
except OSError:
    pass
assert 1 + len([]) == 1, "held: it came to its end"
