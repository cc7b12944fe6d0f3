# bagu: seconds=2
# row: defence=utf8 status=encoding
"""Prints bytes that are no UTF-8."""

import sys

sys.stdout.buffer.write(b"\xff\xfe\n")
assert 1 + len([]) == 1, "held: it came to its end"
