"""Refutes: smaller weights make a simpler model. In front of a normalisation the size of a weight changes nothing."""
import torch
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
d, x, y = 32, torch.randn(64, 32), torch.randn(64, 32)
up, norm, down = nn.Linear(d, 128, bias=False), nn.RMSNorm(128, eps=0.0), nn.Linear(128, d, bias=False)


def measure(normalise):
    """Output and gradient of the first matrix."""
    up.weight.grad = None
    h = up(x)                                    # (64, 128)
    out = down(torch.relu(norm(h) if normalise else h))
    ((out - y) ** 2).mean().backward()
    return out.detach(), up.weight.grad.clone()


change = lambda a, b: ((a - b).norm() / b.norm()).item()
before = {k: measure(k) for k in (True, False)}
with torch.no_grad():
    up.weight *= 0.1                             # as if decayed to a tenth
after = {k: measure(k) for k in (True, False)}

claimed, actual = (change(after[k][0], before[k][0]) for k in (False, True))
steeper = (after[True][1].norm() / before[True][1].norm()).item()
relative = steeper / 0.1                         # gradient over weight: the relative step of SGD
assert abs(steeper - 10) < 1e-6 and abs(relative - 100) < 1e-4, f"steeper: gradient {steeper:.1f} times, relative {relative:.0f}"
print(f"steeper: with RMSNorm the gradient grows {steeper:.0f} times, an SGD step relative to the weight {relative:.0f} times")
print(f"claimed {claimed:.2f}, actual {actual:.2f}: relative change of the output when the weight shrinks to a tenth")
print(f"not-complexity: the output changes by {claimed:.0%} without a normalisation, by {actual:.0%} with one")
assert abs(claimed - 0.9) < 1e-12 and actual < 1e-12, f"not-complexity: {claimed:.2f} without, {actual:.1e} with RMSNorm"
