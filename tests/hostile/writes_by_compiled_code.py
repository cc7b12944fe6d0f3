# bagu: seconds=2
# row: defence=writes status=passed
"""Compiled code writes elsewhere, where no audit hook sees it."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
handle = libc.open(b"/outside/written", 0o1101, 0o600)
assert handle == -1, f"held: {handle}"
