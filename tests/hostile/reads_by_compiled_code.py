# bagu: seconds=2
# row: defence=reads status=passed
"""Compiled code opens a key of the home directory."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
handle = libc.open(b"/home-of-the-user/.ssh/id", 0)
assert handle == -1, f"held: {handle}"
