# bagu: seconds=5
# row: defence=cpu status=timeout cpu=0.2
"""Computes longer than a mutant may."""

import time

while time.process_time() < 0.6:
    pass
assert 1 + len([]) == 1, "held: it came to its end"
