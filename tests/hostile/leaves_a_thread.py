# bagu: seconds=2
# row: defence=threads status=left-process
"""Leaves a thread that is no daemon."""

import threading
import time

threading.Thread(target=time.sleep, args=(1.5,)).start()
assert 1 + len([]) == 1, "held: it came to its end"
