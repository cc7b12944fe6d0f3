# bagu: seconds=2
# row: defence=probe status=assertion
"""An assertion fails in a thread, where an exception stops nothing."""

import threading

threading.excepthook = lambda *_: None


def check(i):
    assert i == 1, f"held: {i}"


for i in (1, 2):
    thread = threading.Thread(target=check, args=(i,))
    thread.start()
    thread.join()
