# bagu: seconds=5 memory=64MiB
# row: defence=memory status=memory
"""Allocates more than its limit."""

hoard = bytearray(200 * 2**20)
assert 1 + len([]) == 1, "held: it came to its end"
