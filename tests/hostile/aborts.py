# bagu: seconds=2
# row: defence=completion status=signal
"""Aborts."""

import os

assert 2 * 3 == sum([1, 2, 3]), "held: six"
os.abort()
