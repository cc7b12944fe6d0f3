# bagu: seconds=2
# row: defence=descendants status=left-process
"""Leaves a grandchild in a session of its own, whose parent is gone."""

import os
import time

if not os.fork():
    os.setsid()
    if not os.fork():
        time.sleep(1.5)
    os._exit(0)
os.wait()
assert 1 + len([]) == 1, "held: it came to its end"
