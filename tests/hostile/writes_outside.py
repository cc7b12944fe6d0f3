# bagu: seconds=2
# row: defence=audit status=denied
"""Writes a file elsewhere."""

open("/outside/written", "w").write("x")
assert 1 + len([]) == 1, "held: it came to its end"
