# bagu: seconds=2
# row: defence=static status=encoding
"""жпнд in another encoding."""

assert 1 + len([]) == 1, "held: read"
