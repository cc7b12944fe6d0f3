# bagu: seconds=2
# row: defence=proof status=denied
"""Reports its end, and ends before an assertion that would fail."""

import os
import sys

frame, probe = sys._getframe(), None
while probe is None and (frame := frame.f_back):
    probe = frame.f_locals.get("probe")

if os:
    probe.passed(0, lambda: "held: forged")
    probe.emit("end", s=0.0, imports=[], n="0" * 16)
    os._exit(0)
assert len([]) == 1, "held: never reached"
