"""Refutes: trunc_normal_(w, std=0.02) cuts at two standard deviations."""
import torch
from torch import nn

torch.manual_seed(0)
w = nn.init.trunc_normal_(torch.empty(1000, 1000), std=0.02)     # a = -2, b = 2 by default
cut = nn.init.trunc_normal_(torch.empty(1000, 1000), std=0.02, a=-0.04, b=0.04)
claimed, actual = cut.abs().max().item(), w.abs().max().item()   # the largest weight if cut at 2 sigma; as it is
outside = (w.abs() > 0.04).double().mean().item()
assert 0.04 < outside < 0.05, f"outside: {outside:.3f} of the weights lie beyond two sigma, as in an uncut Gaussian"
print(f"outside: {100 * outside:.1f} % of the weights lie beyond 0.04")
print(f"claimed {claimed:.3f}, actual {actual:.3f}: the largest weight")
assert claimed <= 0.04 < 2 * claimed < actual, f"not-truncated: {claimed:.3f} claimed, {actual:.3f} found"
