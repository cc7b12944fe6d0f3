# bagu: seconds=0.5
# row: defence=clock status=timeout
"""Computes past its limit, in a thread too."""

import threading
import time

end = time.monotonic() + 1.5


def spin():
    while time.monotonic() < end:
        pass


threading.Thread(target=spin).start()
spin()
assert 1 + len([]) == 1, "held: it came to its end"
