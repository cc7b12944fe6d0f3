"""Refutes: nn.Linear is Kaiming-initialised, so a ReLU network needs no further care."""
from math import sqrt
import torch
from torch import nn

torch.manual_seed(0)
layer = nn.Linear(1024, 1024)
W, n = layer.weight.detach(), 1024
bound, std = W.abs().max().item() * sqrt(n), W.std().item() * sqrt(n)
torch.manual_seed(0)
same = nn.init.uniform_(torch.empty(n, n), -1 / sqrt(n), 1 / sqrt(n))        # Glorot's "standard initialization"
assert torch.allclose(W, same, atol=1e-7), "heuristic: the same numbers as U(-1/sqrt(n), 1/sqrt(n)) from this seed"
assert abs(std - 1 / sqrt(3)) < 0.002 and 0.999 < bound < 1.001, f"third: std is {std:.3f} / sqrt(n), bound {bound:.3f} / sqrt(n)"
print(f"third: bound {bound:.2f} / sqrt(n), std {std:.3f} / sqrt(n), so n Var W = {std ** 2:.2f}")
kaiming = nn.init.kaiming_uniform_(torch.empty(n, n), nonlinearity="relu")


def step(weight, seed):
    """By what a ReLU layer with this matrix multiplies the mean square of its pre-activations."""
    z = 3 * torch.randn(256, n, generator=torch.Generator().manual_seed(seed))       # of any size
    return ((z.relu() @ weight.T).square().mean() / z.square().mean()).item()


mean = lambda weight: sum(step(weight, s) for s in range(5)) / 5
claimed, actual = mean(kaiming), mean(W)
print(f"claimed {claimed:.2f}, actual {actual:.2f} per ReLU layer (bias left out)")
assert abs(claimed - 1) < 0.05 and abs(actual - 1 / 6) < 0.01, f"not-default: {claimed:.2f} promised, {actual:.2f} kept"
