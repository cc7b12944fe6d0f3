# bagu: seconds=2
# row: defence=files status=flooded
"""Fills the disk with files that are each small enough."""

import os
import time

for i in range(6):
    with open(f"{i}", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 60 * 2**20)
time.sleep(0.5)
assert 1 + len([]) == 1, "held: it came to its end"
