# bagu: seconds=2
# row: defence=probe status=assertion
"""Replaces the functions that a report could go through."""

import builtins
import json
import os

os.write = os.getpid = json.dumps = json.JSONEncoder.encode = builtins.print = builtins.str = lambda *a, **k: b""
for i in (1, 2):
    try:
        assert i == 1, f"held: {i}"
    except BaseException:
        pass
