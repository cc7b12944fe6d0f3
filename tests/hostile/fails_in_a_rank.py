# bagu: seconds=2
# row: defence=probe status=assertion
"""An assertion fails in a forked process whose exit code nobody reads."""

import os

for i in (1, 2):
    if not os.fork():
        assert i == 1, f"held: {i}"
        os._exit(0)
    os.wait()
