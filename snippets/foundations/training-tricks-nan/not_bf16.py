"""Refutes: with bf16 there are no NaNs any more. The range is fp32's; the arithmetic of 0 and infinity is the same."""
import math

import torch

inf, nan = math.inf, math.nan
RANGE = {                                                # what the claim has in mind: out of fp16's range, harmless in bf16
    "300 * 300": lambda t: t(300.0) * t(300.0),
    "exp(12)": lambda t: t(12.0).exp(),
    "60000 + 60000": lambda t: t(60000.0) + t(60000.0),
    "0 / (0 + 1e-8)": lambda t: t(0.0) / (t(0.0) + 1e-8),            # Adam's eps is 0 in fp16
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


def values(ops, dtype):
    return torch.stack([f(lambda x: torch.tensor(x, dtype=dtype)).double().sum() for f in ops.values()])


for dtype in (torch.bfloat16, torch.float32, torch.float64):
    right = torch.tensor([9e4, math.exp(12), 1.2e5, 0.0], dtype=torch.float64)
    assert torch.allclose(values(RANGE, dtype), right, rtol=2**-8), f"in-range: the right value of each in {dtype}"
    kinds = torch.tensor([-inf, nan, nan, nan, nan], dtype=torch.float64)
    assert torch.allclose(values(ARITHMETIC, dtype), kinds, equal_nan=True), f"kinds: -inf, then NaN four times, in {dtype}"
assert len(broken(RANGE, torch.float16)) == len(RANGE) == 4, f"fp16: {broken(RANGE, torch.float16)}"
print(f"fp16: {len(broken(RANGE, torch.float16))} of {len(RANGE)} range cases break")
claimed = len(broken(RANGE, torch.bfloat16))             # predicted from the range alone
actual = len(broken(RANGE | ARITHMETIC, torch.bfloat16))
print(f"claimed {claimed}, actual {actual} of {len(RANGE | ARITHMETIC)} operations break in bf16")
assert claimed == 0 < actual == 5, f"not-bf16: {actual} still break, predicted {claimed}"
print(f"not-bf16: {actual} still break in bf16")
wide = broken(RANGE | ARITHMETIC, torch.float64)
assert wide == list(ARITHMETIC), f"fp64: {len(wide)} break in fp64 too, so range isn't the cure"
print(f"fp64: the same {len(wide)} break in fp64")
late = {dtype: (1 - torch.tensor(7.0, dtype=dtype).sigmoid()).log() for dtype in (torch.bfloat16, torch.float16, torch.float32)}
assert late[torch.bfloat16] == -inf and late[torch.float16].isfinite() and abs(late[torch.float32] + 7) < 0.01, f"rounded: {late}"
print(f"rounded: log(1 - sigmoid(7)) is -inf in bf16, {late[torch.float16]:.2f} in fp16 and {late[torch.float32]:.2f} in fp32")
near = torch.tensor(1000.0).bfloat16()                   # the price of the range: 8 bits of precision
assert (near + 3).item() == 1004 and (near + 2).item() == 1000, f"coarse: 1000 + 2 = {(near + 2).item():.0f}, 1000 + 3 = {(near + 3).item():.0f}"
print(f"coarse: in bf16 1000 + 2 = {(near + 2).item():.0f} and 1000 + 3 = {(near + 3).item():.0f}")
