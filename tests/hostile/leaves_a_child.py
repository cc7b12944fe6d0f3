# bagu: seconds=2
# row: defence=descendants status=left-process
"""Leaves a child behind."""

import subprocess

child = subprocess.Popen(["sleep", "1.5"])
assert 1 + len([]) == 1, "held: it came to its end"
