# bagu: seconds=2
# row: defence=completion status=signal
"""Reads from address zero."""

import ctypes

assert 2 * 3 == sum([1, 2, 3]), "held: six"
ctypes.string_at(0)
