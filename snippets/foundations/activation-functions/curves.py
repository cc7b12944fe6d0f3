"""Activation functions and their derivatives: extreme values found by autograd on a fine grid, and a figure."""
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
# --8<-- [start:curves]
acts = {"sigmoid": lambda x: 1 / (1 + torch.exp(-x)), "tanh": lambda x: 2 / (1 + torch.exp(-2 * x)) - 1,
        "ReLU": torch.relu, "LeakyReLU": lambda x: F.leaky_relu(x, 0.01),
        "GELU": lambda x: x * (1 + torch.erf(x / 2**0.5)) / 2, "SiLU": lambda x: x / (1 + torch.exp(-x))}
x = torch.linspace(-8, 8, 160_001, requires_grad=True)           # step 0.0001, 0 included
value, slope = {}, {}
for name, f in acts.items():
    y = f(x)
    value[name], slope[name] = y.detach(), torch.autograd.grad(y.sum(), x)[0]
# --8<-- [end:curves]
grid = x.detach()
library = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "GELU": F.gelu, "SiLU": F.silu}
apart = max((value[k] - f(grid)).abs().max().item() for k, f in library.items())
assert apart < 1e-12, f"formulas: {apart:.0e} away from torch's own"
top = {k: s.max().item() for k, s in slope.items()}
at = {k: abs(grid[s.argmax()].item()) for k, s in slope.items()}
low = {k: v.min().item() for k, v in value.items()}
assert abs(top["sigmoid"] - 0.25) < 1e-9 and at["sigmoid"] < 1e-3, f"sigmoid-slope: at most {top['sigmoid']:.4f}"
assert abs(top["tanh"] - 1) < 1e-9 and at["tanh"] < 1e-3, f"tanh-slope: at most {top['tanh']:.4f}"
assert set(slope["ReLU"].tolist()) == {0.0, 1.0} and slope["ReLU"][80_000] == 0, "relu-slope: 0 or 1, and 0 at 0"
assert set(slope["LeakyReLU"].tolist()) == {0.01, 1.0}, "leaky-slope: 0.01 or 1"
assert 1.128 < top["GELU"] < 1.13 and 1.099 < top["SiLU"] < 1.101, f"above-one: {top['GELU']:.3f}, {top['SiLU']:.3f}"
assert -0.1701 < low["GELU"] < -0.1699 and -0.2786 < low["SiLU"] < -0.2784, f"dip: {low['GELU']:.3f}, {low['SiLU']:.3f}"
i, j = (value[k].argmin().item() for k in ("GELU", "SiLU"))
assert abs(slope["GELU"][i]) < 1e-3 and slope["GELU"][i - 5000] < 0 < slope["GELU"][i + 5000], "not-monotonic: GELU turns"
print(f"sigmoid-slope: largest derivative {top['sigmoid']:.2f}, at 0")
print(f"tanh-slope: largest derivative {top['tanh']:.2f}, at 0")
print(f"above-one: largest derivative {top['GELU']:.3f} (GELU, at {at['GELU']:.2f}), {top['SiLU']:.3f} (SiLU, at {at['SiLU']:.2f})")
print(f"dip: smallest value {low['GELU']:.3f} (GELU, at {grid[i]:.2f}), {low['SiLU']:.3f} (SiLU, at {grid[j]:.2f})")
at5 = 130_000                                                    # index of x = 5
sat = {k: slope[k][at5].item() for k in acts}
assert sat["tanh"] < sat["sigmoid"] < 0.01 and sat["ReLU"] == 1, f"saturated: {sat['sigmoid']:.4f}, {sat['tanh']:.5f}"
print(f"saturated: derivative at {grid[at5]:.0f}: sigmoid {sat['sigmoid']:.4f}, tanh {sat['tanh']:.5f}, ReLU {sat['ReLU']:.0f}")
rescaled = 2 * torch.sigmoid(2 * grid) - 1
assert torch.allclose(torch.tanh(grid), rescaled, atol=1e-12), "same-family: tanh is a sigmoid"
print("same-family: tanh(x) = 2 sigmoid(2x) - 1")

fig, axes = plt.subplots(1, 2, figsize=(8.6, 3.3))
show = (grid > -4) & (grid < 4)
show[torch.arange(len(show)) % 800 != 0] = False
colors = ("#2a8fbd", "#d9622b", "#8a6fc0", "#5b9a4a", "#c7507f")
for ax, data, title in ((axes[0], value, "value"), (axes[1], slope, "derivative")):
    for k, color in zip(("sigmoid", "tanh", "ReLU", "GELU", "SiLU"), colors):
        ax.plot(grid[show], data[k][show], color=color, label=k)
    ax.set(title=title, xlabel="x")
    ax.grid(alpha=0.3)
axes[0].set_ylim(-1.2, 2.5)
axes[0].legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("curves.svg", transparent=True)
