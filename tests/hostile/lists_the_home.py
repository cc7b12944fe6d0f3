# bagu: seconds=2
# row: defence=audit status=denied
"""Lists the home directory."""

import os

try:
    os.listdir("/home-of-the-user")
except OSError:
    pass
assert 1 + len([]) == 1, "held: it came to its end"
