# bagu: seconds=2
# row: defence=audit status=denied
"""Writes through a symbolic link of its own."""

import os

os.symlink("/outside", "way")
open("way/written", "w").write("x")
assert 1 + len([]) == 1, "held: it came to its end"
