# bagu: seconds=2
# row: defence=calls status=passed
"""Makes shared memory that outlives it."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
done = libc.shmget(0, 4096, 0o1600)
if done >= 0:
    libc.shmctl(done, 0, None)
assert done == -1, f"held: {done}"
