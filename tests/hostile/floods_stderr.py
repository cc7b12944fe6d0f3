# bagu: seconds=2
# row: defence=output status=flooded
"""Prints without end, on the other stream, from a child."""

import subprocess

subprocess.run("head -c 2000000 /dev/zero >&2", shell=True)
assert 1 + len([]) == 1, "held: it came to its end"
