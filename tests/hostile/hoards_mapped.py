# bagu: seconds=5 memory=64MiB
# row: defence=memory status=memory
"""Maps more private memory than its limit."""

import mmap

hoard = mmap.mmap(-1, 200 * 2**20, flags=mmap.MAP_PRIVATE)
for i in range(0, len(hoard), 4096):
    hoard[i] = 1
assert 1 + len([]) == 1, "held: it came to its end"
