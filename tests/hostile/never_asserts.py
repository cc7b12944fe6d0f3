# bagu: seconds=2
# row: defence=reached status=unreached
"""Has an assertion in a function that nobody calls."""

def idle():
    assert 1 + len([]) == 3, "held: three"
