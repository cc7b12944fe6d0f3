"""Refutes: Xavier suits activations that are symmetric about 0 and linear, such as sigmoid, tanh, softsign."""
from math import sqrt
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
n, L = 256, 8
acts = {"linear": lambda s: s, "tanh": torch.tanh, "softsign": F.softsign, "sigmoid": torch.sigmoid}


def at_zero(f):
    """Value and slope at 0: the two assumptions of Xavier's derivation are f odd, f'(0) = 1."""
    s = torch.zeros(1, requires_grad=True)
    return f(s).item(), torch.autograd.grad(f(s), s)[0].item()


def per_layer(f, seed, scale=0.1):
    """Xavier weights, L layers: by what the gradient's mean square is multiplied per layer, going back."""
    g = torch.Generator().manual_seed(seed)
    z = z0 = (scale * torch.randn(64, n, generator=g)).requires_grad_()      # (batch, n)
    for _ in range(L):
        z = f(z @ (torch.randn(n, n, generator=g) * sqrt(2 / (n + n))))
    d = torch.randn(64, n, generator=g)                          # a gradient at the top
    back, = torch.autograd.grad(z, z0, d)
    return (back.square().mean() / d.square().mean()) ** (1 / L)


table = {k: (*at_zero(f), sum(per_layer(f, s) for s in range(5)).item() / 5) for k, f in acts.items()}
for k, (v, s, r) in table.items():
    print(f"{k}: f(0) = {v:.2f}, slope {s:.2f}, gradient x {r:.3f} per layer")
odd = [k for k, f in acts.items() if torch.allclose(f(-torch.arange(5.0)), -f(torch.arange(5.0)))]
assert odd == ["linear", "tanh", "softsign"], f"odd: {odd} are symmetric about the origin, sigmoid is not"
assert all(table[k][1] == 1 and table[k][2] > 0.7 for k in odd), "unit-slope: these three keep the gradient alive"
print("odd: symmetric about the origin with slope 1: linear, tanh, softsign")
claimed, actual = table["linear"][2], table["sigmoid"][2]        # what the theory promises; what sigmoid does
print(f"claimed {claimed:.2f}, actual {actual:.3f}: mean square of the gradient per layer")
assert actual < 1 / 16 * 1.05 and claimed > 0.9, f"not-sigmoid: {claimed:.2f} promised, {actual:.3f} left of the gradient"
