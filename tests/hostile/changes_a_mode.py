# bagu: seconds=2
# row: defence=calls status=passed
"""Changes the mode of a file that it may not write."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
done = libc.chmod(b"/outside/kept", 0o600)
assert done == -1, f"held: {done}"
