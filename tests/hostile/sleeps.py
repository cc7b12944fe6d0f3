# bagu: seconds=0.5
# row: defence=clock status=timeout
"""Sleeps past its limit."""

import time

time.sleep(1.5)
assert 1 + len([]) == 1, "held: it came to its end"
