# bagu: seconds=2
# row: defence=directory status=passed
"""Looks at where it is: an empty directory, with a home of its own."""

import os

here = os.listdir(".")
assert here == [] and os.listdir(os.path.expanduser("~")) == [], f"held: {here}"
