# bagu: seconds=2
# row: defence=writes status=passed
"""Another program moves a file out."""

import subprocess

code = subprocess.run("echo x > own && mv own /outside/moved", shell=True, stderr=subprocess.DEVNULL).returncode
assert code != 0, f"held: {code}"
