# bagu: seconds=2
# row: defence=streams status=passed
"""Reads what somebody types."""

import os

said = os.read(0, 99)
assert said == b"", f"held: {said}"
