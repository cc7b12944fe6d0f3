# bagu: seconds=4
# row: defence=processes status=denied
"""Has more processes at once than it may."""

import os
import time

for _ in range(40):
    if not os.fork():
        time.sleep(0.8)
        os._exit(0)
time.sleep(0.9)
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
assert 1 + len([]) == 1, "held: it came to its end"
