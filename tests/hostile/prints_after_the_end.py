# bagu: seconds=2
# row: defence=descendants status=left-process
"""A process left behind prints when all is over."""

import os
import time

if not os.fork():
    os.setsid()
    time.sleep(0.7)
    print("late", flush=True)
    os._exit(0)
assert 1 + len([]) == 1, "held: it came to its end"
