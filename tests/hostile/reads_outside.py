# bagu: seconds=2
# row: defence=reads status=passed
"""Reads a file that everybody may read."""

try:
    said = open("/outside/kept").read()
except OSError:
    said = ""
assert said == "", f"held: {said}"
