# bagu: seconds=2
# row: defence=audit status=denied
"""Reads a key from the home directory."""

try:
    open("/home-of-the-user/.ssh/id").read()
except OSError:
    pass
assert 1 + len([]) == 1, "held: it came to its end"
