# bagu: seconds=2
# row: defence=completion status=ended-early
"""Leaves without any of Python's farewells."""

import os

assert 2 * 3 == sum([1, 2, 3]), "held: six"
os._exit(0)
