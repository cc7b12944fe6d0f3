# bagu: seconds=2
# row: defence=environment status=passed
"""Looks for a secret in the environment."""

import os

found = [name for name in os.environ if name == "BAGU_TEST_TOKEN"]
assert found == [], f"held: {found}"
