"""Refutes: Kaiming's 2 is there because ReLU halves the variance. It halves the second moment."""
import torch

torch.manual_seed(0)
z = torch.randn(1_000_000, dtype=torch.float64)                  # symmetric pre-activations, mean 0
h = z.relu()
var, second = h.var().item(), h.square().mean().item()
assert abs(second - 0.5) < 0.005 and var < 0.35, f"moments: variance {var:.2f}, second moment {second:.2f}"
print(f"moments: Var relu(z) = {var:.2f}, E relu(z)^2 = {second:.2f}, with Var z = {z.var():.2f}")

n, layers = 256, 20


def growth(factor):
    """Mean square after 20 ReLU layers with Var W = factor / n, averaged (geometrically) over 8 seeds."""
    logs = []
    for seed in range(8):
        g = torch.Generator().manual_seed(seed)
        y = torch.randn(n, 32, generator=g)
        for _ in range(layers):
            y = torch.randn(n, n, generator=g) * (factor / n) ** 0.5 @ y.relu()
        logs.append(y.square().mean().log())
    return torch.stack(logs).mean().exp().item()


claimed, actual = growth(1 / var), growth(1 / second)            # undo the variance; undo the second moment
print(f"claimed {claimed:.0f}, actual {actual:.1f} times the mean square after 20 layers")
assert 1000 < claimed < 10_000 and 0.5 < actual < 2, f"not-variance: {claimed:.0f} times by the variance, {actual:.1f} by the moment"
