# bagu: seconds=2
# row: defence=reads status=passed
"""Compiled code opens a file that lies beside it and that its header doesn't name."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
handle = libc.open(os.path.join(os.path.dirname(__file__), "honest.py").encode(), 0)
assert handle == -1, f"held: {handle}"
