# bagu: seconds=0.5
# row: defence=clock status=timeout
"""Waits for itself."""

import threading

lock = threading.Lock()
lock.acquire()
lock.acquire(timeout=1.5)
assert 1 + len([]) == 1, "held: it came to its end"
