# bagu: seconds=2
# row: defence=audit status=denied
"""Reads a file that lies beside it and that its header doesn't name, so a change of it would change no cache key."""

from pathlib import Path

try:
    said = Path(__file__).with_name("honest.py").read_text()
except OSError:
    said = ""
assert said == "", f"held: {said}"
