"""Dropout in front of BatchNorm: the running variance contains the noise, the input at inference doesn't."""
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
n, d, p = 100_000, 4, 0.5
loc, scale = torch.tensor([0.0, 0.0, 1.0, 2.0]), torch.tensor([1.0, 3.0, 1.0, 1.0])
x = loc + scale * torch.randn(n, d)              # four features with different means and deviations

bn, drop = nn.BatchNorm1d(d, momentum=None, eps=1e-12), nn.Dropout(p)      # momentum None: plain average
bn(drop(x))                                      # one training step over everything
exact = (x.var(0) + p * x.mean(0) ** 2) / (1 - p)            # law of total variance: Var(m x / (1 - p))
ratio = bn.running_var / x.var(0)
assert torch.allclose(bn.running_var, exact, rtol=0.02), f"running: {bn.running_var} recorded, {exact} derived"
ln = nn.LayerNorm(d, elementwise_affine=False, eps=1e-30)      # statistics of the token itself, in both modes
noisy = ln(drop(x))                              # still in training mode
bn.eval(), drop.eval()
out = bn(drop(x)).std(0)                         # ought to be 1
assert torch.allclose(out, (1 / ratio).sqrt(), rtol=1e-6), f"shift: deviation {out} after BatchNorm at inference"
assert out[0] < 0.75 and out[3] < out[2] < out[0], f"worse: {out} falls with the mean of the feature"
print("running: recorded variance over true variance", *(f"{r:.1f}" for r in ratio))
print("shift: deviation after BatchNorm at inference", *(f"{s:.2f}" for s in out), "for means", *(f"{m:g}" for m in loc), "and deviations", *(f"{s:g}" for s in scale))

for name, token in (("training", noisy), ("inference", ln(drop(x)))):
    alive = token.abs().sum(1) > 0               # a token that lost all its elements has nothing to normalise
    off = (token.var(1, unbiased=False)[alive] - 1).abs().max()
    assert off < 1e-6, f"layernorm: the variance of a token is {off:.1e} away from 1 in {name}"
print("layernorm: deviation 1 in both modes, nothing is remembered")
