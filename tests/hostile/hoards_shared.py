# bagu: seconds=5 memory=64MiB
# row: defence=memory status=memory
"""Fills shared memory, which no limit of the system counts."""

import mmap
import time

hoard = mmap.mmap(-1, 100 * 2**20)
for i in range(0, len(hoard), 4096):
    hoard[i] = 1
time.sleep(0.6)
assert 1 + len([]) == 1, "held: it came to its end"
