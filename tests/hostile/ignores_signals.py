# bagu: seconds=0.5
# row: defence=clock status=timeout
"""Ignores every signal that can be ignored, then sleeps."""

import signal
import time

for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
time.sleep(1.5)
assert 1 + len([]) == 1, "held: it came to its end"
