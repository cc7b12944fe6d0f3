# bagu: seconds=2
# row: defence=completion status=signal
"""Kills itself."""

import os
import signal

assert 2 * 3 == sum([1, 2, 3]), "held: six"
os.kill(os.getpid(), signal.SIGKILL)
