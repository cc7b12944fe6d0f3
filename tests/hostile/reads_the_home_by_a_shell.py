# bagu: seconds=2
# row: defence=reads status=passed
"""Another program reads a key from the home directory."""

import subprocess

code = subprocess.run("cat /home-of-the-user/.ssh/id >&2", shell=True, stderr=subprocess.DEVNULL).returncode
assert code != 0, f"held: {code}"
