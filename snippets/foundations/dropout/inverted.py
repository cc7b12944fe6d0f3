"""Inverted dropout: the mean is kept exactly, the price is variance. Every mask is enumerated, nothing is sampled."""
import itertools
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
d = 10
x, w = torch.randn(d), torch.randn(d)            # activations of one token, weights of one unit of the next layer


# --8<-- [start:masks]
def every_mask(p):
    """All 2^d masks and their probabilities: an element is dropped with probability p."""
    M = torch.tensor(list(itertools.product([0.0, 1.0], repeat=d)))      # (2^d, d), 1 = kept
    return M, torch.where(M > 0, 1 - p, p).prod(1)


def inverted(x, mask, p):                        # training; at inference: return x
    return x * mask / (1 - p)
# --8<-- [end:masks]


noise = {}
for p in (0.1, 0.5, 0.8):
    M, prob = every_mask(p)
    out = inverted(x, M, p)                      # (2^d, d)
    mean, plain = prob @ out, prob @ (x * M)
    var = prob @ (out - mean) ** 2
    assert torch.allclose(mean, x), "mean: the expectation over all masks is x, element by element"
    assert torch.allclose(plain, (1 - p) * x), f"plain: without the factor the mean is {1 - p:.1f} x"
    pre = out @ w                                # (2^d,) what the next unit receives
    spread = prob @ (pre - prob @ pre) ** 2
    assert torch.allclose(var, x**2 * p / (1 - p)), f"variance: x^2 p / (1 - p) with p = {p}"
    assert torch.allclose(spread, p / (1 - p) * (w * x) @ (w * x)), f"next: p / (1 - p) sum (w x)^2 with p = {p}"
    noise[p] = (var.sqrt() / x.abs()).mean().item()
    assert abs(noise[p] ** 2 - p / (1 - p)) < 1e-12, f"noise: {noise[p]:.3f} of the element itself with p = {p}"
print("variance: relative noise of one element", *(f"{v:.3f} (p = {p})" for p, v in noise.items()))

for width in (16, 1024):                         # a sum of many dropped terms, p = 0.1: noise over signal
    terms = nn.Dropout(0.1)(torch.ones(4000, width))         # (4000 masks, width)
    signs = torch.randn(width, 1000).sign()                  # 1000 units whose terms have random signs
    same = (terms.sum(1).std() / width).item()
    mixed = (((terms @ signs).var(0).mean() / signs.sum(0).pow(2).mean()) ** 0.5).item()
    assert abs(same * width**0.5 * 3 - 1) < 0.1, f"width: {same:.3f} with {width} terms of one sign, 1 / (3 sqrt(width))"
    assert abs(mixed * 3 - 1) < 0.2, f"mixed: {mixed:.3f} with {width} terms of random signs, 1 / 3 at any width"
layer = nn.Dropout(0.8)                          # the library: p is the probability to drop
big = torch.ones(1_000_000)
out = layer(big)
values, kept = sorted(set(out.tolist())), (out > 0).double().mean().item()
assert len(values) == 2 and abs(values[1] - 5) < 1e-9 and abs(kept - 0.2) < 0.003, f"library: values {values}, {kept:.3f} kept"
print(f"library: nn.Dropout(0.8) keeps {kept:.1f} of the elements and turns 1 into {values[1]:.0f}")
still = layer.train(False)(big)                  # what eval() calls
assert torch.equal(still, big), "identity: in eval mode nothing happens at all"
x1 = torch.ones(1000, requires_grad=True)
layer.train(True)(x1).sum().backward()
assert set(x1.grad.tolist()) == set(values), "backward: the gradient passes through the same mask and the same factor"

ps = np.linspace(0, 0.9, 91)
fig, ax = plt.subplots(figsize=(5.6, 3.2))
ax.plot(ps, np.sqrt(ps / (1 - ps)), color="#2a8fbd", label="sqrt(p / (1 - p))")
ax.plot(list(noise), list(noise.values()), "o", color="#d9622b", label="all masks enumerated")
ax.set(xlabel="drop probability p", ylabel="standard deviation / |x|", title="Noise that dropout adds to one element")
ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("inverted.svg", transparent=True)
