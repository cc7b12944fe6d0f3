# bagu: seconds=2
# row: defence=reached status=unreached
"""Leaves the block before its assertion."""

try:
    value = 1 / 0
    assert value == 3, "held: three"
except ZeroDivisionError:
    pass
