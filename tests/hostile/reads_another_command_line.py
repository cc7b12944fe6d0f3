# bagu: seconds=2
# row: defence=reads status=passed
"""Reads what another process was started with."""

try:
    said = open("/proc/4242424242/cmdline").read()
except OSError:
    said = ""
assert said == "", f"held: {said}"
