# bagu: seconds=2
# row: defence=static status=syntax
"""A region that ends before it starts."""

# --8<-- [end:part]
# --8<-- [start:part]
assert 1 + len([]) == 1, "held: it came to its end"
