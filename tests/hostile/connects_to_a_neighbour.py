# bagu: network=loopback seconds=2
# row: defence=namespaces status=passed
"""With loopback allowed, connects to another program on this machine."""

import socket

try:
    socket.create_connection(("127.0.0.1", 0xBA60)).close()
    said = "connected"
except OSError:
    said = ""
assert said == "", f"held: {said}"
