"""Refutes: sinusoids extrapolate to any length. Which pairs (sin, cos) take values that training never showed?"""
import math
import torch


# --8<-- [start:unseen]
def unseen(d, L, positions, base=10000):
    """Of the d/2 pairs, those that take an angle at `positions` that no position before L came near."""
    omega = base ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
    count = 0
    for w in omega.tolist():
        seen, new = (torch.arange(L) * w) % math.tau, (positions * w) % math.tau    # angles on the circle
        seen = torch.cat((seen - math.tau, seen, seen + math.tau)).sort().values
        right = torch.searchsorted(seen, new)
        nearest = torch.minimum(seen[right] - new, new - seen[right - 1])
        count += (nearest > 0.75 * w).any().item()                             # seen angles are at most w apart
    return count
# --8<-- [end:unseen]


def slower_than(d, L, base=10000):
    """Pairs that have not come round once: a period of 2 pi base^(2i/d) > L."""
    return sum(2 * math.pi * base ** (2 * i / d) > L for i in range(d // 2))


for name, d, L in (("Transformer base", 512, 512), ("LLaMA-2-7B, RoPE", 128, 4096)):
    new = unseen(d, L, torch.arange(L, 2 * L))
    assert new == slower_than(d, L), f"periods: {name}: {new} pairs"
    print(f"periods: {name}: {new} of {d // 2} pairs have a period beyond {L}")
d = L = 512
claimed, actual = (unseen(d, L, torch.arange(start, start + L)) for start in (0, L))   # were all positions alike
print(f"claimed {claimed}, actual {actual}: pairs of {d // 2} with new values at positions {L} to {2 * L - 1}")
assert claimed == 0 and actual > d // 4, f"not-extrapolated: {actual}, not {claimed}"
