# bagu: seconds=4
# row: defence=processes status=denied
"""Doubles its processes, each a session of its own."""

import os
import time

first = os.getpid()
for _ in range(6):
    os.fork()
if os.getpid() != first:
    os.setsid()
    time.sleep(0.8)
    os._exit(0)
time.sleep(1.2)
assert 1 + len([]) == 1, "held: it came to its end"
