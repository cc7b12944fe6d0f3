# bagu: seconds=2
# row: defence=capabilities status=passed
"""Looks for what root may do and others may not."""

with open("/proc/self/status") as file:
    held = next(line.split()[1] for line in file if line.startswith("CapEff"))
assert int(held, 16) == 0, f"held: {held}"
