# bagu: seconds=0.5
# row: defence=clock status=timeout
"""Loops past its limit, in a thread too; it hardly computes, so the clock alone ends it."""

import threading
import time

end = time.monotonic() + 1.5


def spin():
    while time.monotonic() < end:
        time.sleep(0.01)


threading.Thread(target=spin).start()
spin()
assert 1 + len([]) == 1, "held: it came to its end"
