# bagu: seconds=2
# row: defence=static status=constant-assertion
"""An assertion that can't fail."""

assert 1 == 1, "held: one"
