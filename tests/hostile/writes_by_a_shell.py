# bagu: seconds=2
# row: defence=writes status=passed
"""Another program writes elsewhere."""

import subprocess

code = subprocess.run("echo x > /outside/written", shell=True, stderr=subprocess.DEVNULL).returncode
assert code != 0, f"held: {code}"
