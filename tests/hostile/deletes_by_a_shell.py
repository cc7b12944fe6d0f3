# bagu: seconds=2
# row: defence=writes status=passed
"""Another program deletes elsewhere."""

import subprocess

code = subprocess.run("rm /outside/gone", shell=True, stderr=subprocess.DEVNULL).returncode
assert code != 0, f"held: {code}"
