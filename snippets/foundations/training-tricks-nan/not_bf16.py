"""Refutes: with bf16 there are no NaNs any more. The range is fp32's; the arithmetic of 0 and infinity is the same."""
import torch

inf = float("inf")
RANGE = {                                                # what the claim has in mind: too large for fp16, harmless in bf16
    "300 * 300": lambda t: t(300.0) * t(300.0),
    "exp(12)": lambda t: t(12.0).exp(),
    "60000 + 60000": lambda t: t(60000.0) + t(60000.0),
}
ARITHMETIC = {                                           # what no range cures
    "log 0": lambda t: t(0.0).log(),
    "0 / 0": lambda t: t(0.0) / t(0.0),
    "0 * inf": lambda t: t(0.0) * t(inf),
    "inf - inf": lambda t: t(inf) - t(inf),
    "softmax of a masked row": lambda t: t([-inf, -inf]).softmax(0),
}


def broken(ops, dtype):
    return [name for name, f in ops.items() if not f(lambda x: torch.tensor(x, dtype=dtype)).isfinite().all()]


assert len(broken(RANGE, torch.float16)) == len(RANGE) == 3, f"fp16: {broken(RANGE, torch.float16)}"
print(f"fp16: {len(broken(RANGE, torch.float16))} of {len(RANGE)} range cases break")
claimed = len(broken(RANGE, torch.bfloat16))             # predicted from the range alone
actual = len(broken(RANGE | ARITHMETIC, torch.bfloat16))
print(f"claimed {claimed}, actual {actual} of {len(RANGE | ARITHMETIC)} operations break in bf16")
assert claimed == 0 < actual == 5, f"not-bf16: {actual} still break, predicted {claimed}"
print(f"not-bf16: {actual} still break in bf16")
wide = broken(RANGE | ARITHMETIC, torch.float64)
assert len(wide) == actual, f"fp64: {len(wide)} break in fp64 too, so range isn't the cure"
print(f"fp64: the same {len(wide)} break in fp64")
near = torch.tensor(1000.0).bfloat16()                   # the price of the range: 8 bits of precision
assert (near + 3).item() == 1004 and (near + 2).item() == 1000, f"coarse: 1000 + 2 = {(near + 2).item():.0f}, 1000 + 3 = {(near + 3).item():.0f}"
print(f"coarse: in bf16 1000 + 2 = {(near + 2).item():.0f} and 1000 + 3 = {(near + 3).item():.0f}")
