# bagu: seconds=0.5
# row: defence=clock status=timeout
"""Waits for a child that doesn't end; the child is gone afterwards."""

import subprocess

subprocess.run(["sleep", "1.5"])
assert 1 + len([]) == 1, "held: it came to its end"
