# bagu: seconds=0.5
# row: defence=clock status=timeout
"""Stops its own process; a child would wake it later."""

import os
import signal
import time

if not os.fork():
    time.sleep(1.5)
    os.kill(os.getppid(), signal.SIGCONT)
    os._exit(0)
os.kill(os.getpid(), signal.SIGSTOP)
os.wait()
assert 1 + len([]) == 1, "held: it came to its end"
