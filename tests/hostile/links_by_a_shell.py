# bagu: seconds=2
# row: defence=writes status=passed
"""Another program makes a link elsewhere."""

import subprocess

code = subprocess.run("ln -s /etc/passwd /outside/link", shell=True, stderr=subprocess.DEVNULL).returncode
assert code != 0, f"held: {code}"
