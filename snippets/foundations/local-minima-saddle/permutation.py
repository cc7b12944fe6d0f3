"""One minimum is many: permuted units give the same function, far away, and nothing good in between."""
from math import lgamma, log
import torch
from transformers import GPT2Config

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
X = torch.randn(64, 3)
W, b, a = torch.randn(8, 3), torch.randn(8), torch.randn(8)
y = torch.tanh(X @ W.T + b) @ a                  # the network fits its labels: a global minimum


# --8<-- [start:swap]
def loss(W, b, a):
    return (torch.tanh(X @ W.T + b) @ a - y).square().mean()


def mix(p, q, s):
    return [(1 - s) * u + s * v for u, v in zip(p, q)]


here = (W, b, a)
order = torch.roll(torch.arange(8), 1)
there = (W[order], b[order], a[order])           # the same units in another order
# --8<-- [end:swap]
flat = lambda p: torch.cat([t.flatten() for t in p])
distance, line = torch.dist(flat(here), flat(there)).item(), [s / 20 for s in range(21)]
middle = max(loss(*mix(here, there, s)).item() for s in line)
assert loss(*there) < 1e-28 and distance > 5, f"twin: loss {loss(*there):.0e} at distance {distance:.1f}"
heights = []                                     # the same for 20 other networks: highest loss over label variance
for _ in range(20):
    net = torch.randn(8, 3), torch.randn(8), torch.randn(8)
    target, turned = torch.tanh(X @ net[0].T + net[1]) @ net[2], [t[order] for t in net]
    walk = [(torch.tanh(X @ w.T + c) @ o - target).square().mean().item() for w, c, o in (mix(net, turned, s) for s in line)]
    assert max(walk[0], walk[-1]) < 1e-28, f"ends: {walk[0]:.0e} and {walk[-1]:.0e}, both networks fit"
    heights.append(max(walk) / target.var().item())
assert min(heights) > 0.01 and max(heights) < 10, f"barrier: {min(heights):.2f} to {max(heights):.2f} of the variance"
print(f"barrier: 20 networks, the line rises to {min(heights):.2f} to {max(heights):.2f} of the label variance")
match = torch.cdist(torch.cat([there[0], there[1][:, None]], 1), torch.cat([W, b[:, None]], 1)).argmin(0)
undone = max(loss(*mix(here, tuple(t[match] for t in there), s)).item() for s in line)
assert undone < 1e-28, f"matched: {undone:.0e} at most once the units are matched"
print(f"twin: loss 0 again at distance {distance:.1f}; the straight line between rises to {middle:.2f}, matched "
      f"to {undone:.0f}")
cfg = GPT2Config()
units = cfg.n_inner or 4 * cfg.n_embd
digits = lgamma(units + 1) / log(10)
exact = sum(log(k) for k in range(1, units + 1)) / log(10)
assert abs(digits - exact) < 1e-6 and units == 3072, f"mlp-orders: 10^{digits:.0f}"
print(f"mlp-orders: one MLP of GPT-2 small has {units} units, which can stand in 10^{digits:.0f} orders")
