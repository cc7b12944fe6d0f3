# bagu: seconds=2
# row: defence=namespaces status=passed
"""Looks into the shared memory of other programs."""

import os

found = os.listdir("/dev/shm")
assert found == [], f"held: {found}"
