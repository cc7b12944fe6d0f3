# bagu: seconds=2
# row: defence=completion status=ended-early
"""Leaves with success before its last line."""

import sys

assert 2 * 3 == sum([1, 2, 3]), "held: six"
sys.exit(0)
print("never")
