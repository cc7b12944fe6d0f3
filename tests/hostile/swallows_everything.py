# bagu: seconds=0.5
# row: defence=clock status=timeout
"""Catches whatever is thrown at it and goes on."""

import time

end = time.monotonic() + 1.5
while time.monotonic() < end:
    try:
        while time.monotonic() < end:
            time.sleep(0.01)
    except BaseException:
        continue
assert 1 + len([]) == 1, "held: it came to its end"
