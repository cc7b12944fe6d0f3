# bagu: seconds=2
# row: defence=output status=flooded
"""Prints without end."""

for _ in range(40):
    print("x" * 2**16)
assert 1 + len([]) == 1, "held: it came to its end"
