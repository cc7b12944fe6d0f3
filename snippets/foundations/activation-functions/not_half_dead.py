"""Refutes: a unit whose input is negative is dead, so half of a fresh ReLU layer is dead."""
import torch

torch.manual_seed(0)
half = torch.randn(100, 64)
X = torch.cat([half, -half])                                     # 200 samples, symmetric about 0
W = torch.randn(256, 64) * (2 / 64) ** 0.5                       # Kaiming, no bias
off = X @ W.T <= 0                                               # (samples, units)
per_sample = off.double().mean(1)
claimed = per_sample.mean().item()                               # off for a sample, counted as dead
dead = off.all(0)                                                # (units,) off for every sample: no gradient at all
actual = dead.double().mean().item()
print(f"claimed {claimed:.2f}, actual {actual:.2f} of 256 units are dead")
assert claimed == 0.5 and actual == 0 and len(dead) == 256, f"not-half-dead: {claimed:.2f} are off for a sample, {actual:.2f} are dead"
