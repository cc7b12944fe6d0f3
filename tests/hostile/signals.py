# bagu: seconds=2
# row: defence=scopes status=passed
"""Sends a signal to another process of the user."""

import os

try:
    os.kill(4242424242, 0)
    said = "sent"
except OSError:
    said = ""
assert said == "", f"held: {said}"
