# bagu: seconds=2
# row: defence=files status=error
"""Writes one file larger than the limit."""

with open("huge", "wb") as file:
    file.truncate(80 * 2**20)
assert 1 + len([]) == 1, "held: it came to its end"
