# bagu: seconds=2
# row: defence=probe status=assertion
"""Puts another class where AssertionError stood."""

import builtins

builtins.AssertionError = type("Mild", (Exception,), {})
for i in (1, 2):
    try:
        assert i == 1, f"held: {i}"
    except BaseException:
        pass
