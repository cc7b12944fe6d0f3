# bagu: seconds=5
# row: defence=completion status=signal
"""Overflows the stack of compiled code."""

import ctypes

assert 2 * 3 == sum([1, 2, 3]), "held: six"
CALL = ctypes.CFUNCTYPE(None)


@CALL
def deeper():
    deeper()


import sys

sys.setrecursionlimit(10**9)
deeper()
ctypes.string_at(0)
