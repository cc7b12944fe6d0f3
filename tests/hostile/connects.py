# bagu: seconds=2
# row: defence=audit status=denied
"""Opens a connection that its header doesn't ask for."""

import socket

try:
    socket.create_connection(("127.0.0.1", 9))
except OSError:
    pass
assert 1 + len([]) == 1, "held: it came to its end"
