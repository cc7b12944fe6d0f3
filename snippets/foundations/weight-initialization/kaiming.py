"""Why Kaiming has a factor 2, and what the schemes do to the mean square through 30 ReLU layers."""
from math import sqrt
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

# --8<-- [start:half]
t, w = np.polynomial.legendre.leggauss(100)                      # quadrature, apart on [-12, 0] and [0, 12]
z, w = np.r_[6 * t - 6, 6 * t + 6], np.r_[6 * w, 6 * w]
w = w * np.exp(-z ** 2 / 2) / sqrt(2 * np.pi)                    # z ~ N(0, 1): E f(z) = sum w f(z)
relu = np.maximum(z, 0)
second = (w * relu ** 2).sum()                                   # E relu(z)^2: what the next layer sees
variance = second - (w * relu).sum() ** 2                        # Var relu(z): not what it sees
leaky = (w * np.where(z > 0, z, 0.2 * z) ** 2).sum()             # slope 0.2
# --8<-- [end:half]
gain = nn.init.calculate_gain
assert abs(1 / second - gain("relu") ** 2) < 1e-6, f"half: E relu^2 = {second:.4f}, so the factor is {1 / second:.2f}"
assert abs(1 / leaky - gain("leaky_relu", 0.2) ** 2) < 1e-6, f"leaky: factor {1 / leaky:.4f} for slope 0.2"
assert abs(variance - (1 / 2 - 1 / (2 * np.pi))) < 1e-6, f"variance: {variance:.3f}, less than the second moment"
print(f"half: E relu(z)^2 = {second:.4f} Var z, so Var W = {1 / second:.2f} / n_in")
print(f"leaky: slope 0.2: E f(z)^2 = {leaky:.2f}, factor {1 / leaky:.2f}")
print(f"variance: Var relu(z) = {variance:.3f} Var z")

torch.set_num_threads(1)                                         # small matrices: threads only cost time
n, L, seeds = 256, 30, range(6)
schemes = {"Kaiming: 2/n": 2 / n, "Xavier: 1/n": 1 / n, "nn.Linear default: 1/(3n)": 1 / (3 * n), "fixed std 0.1": 0.01}


def depth(seed):
    """log10 of the mean square of the pre-activations of L ReLU layers, (L, schemes); one draw serves all."""
    g, sigma = torch.Generator().manual_seed(seed), torch.tensor(list(schemes.values())).sqrt()[:, None, None]
    h, out = torch.randn(n, 32, generator=g).expand(4, n, 32), []            # (scheme, width, batch)
    for _ in range(L):
        y = sigma * (torch.randn(n, n, generator=g) @ h)
        out.append(y.square().mean((1, 2)).tolist())
        h = y.relu()
    return np.log10(out)


runs = dict(zip(schemes, np.mean([depth(s) for s in seeds], 0).T))
slope = {name: 10 ** np.polyfit(np.arange(L), r, 1)[0] for name, r in runs.items()}
expect = dict(zip(schemes, (1, 1 / 2, 1 / 6, 1.28)))             # n Var W / 2
assert all(abs(slope[k] / expect[k] - 1) < 0.05 for k in schemes), f"slopes: {slope}"
k, x, d = (slope[name] for name in list(schemes)[:3])
assert abs(k - 1) < 0.05, f"flat: {k:.2f} per layer with Kaiming"
print(f"slopes: per layer x {k:.2f} with Kaiming, x {x:.2f} with Xavier, x {d:.2f} with the default of nn.Linear")
total = runs["Xavier: 1/n"][-1] - runs["Xavier: 1/n"][0]
assert abs(total - (L - 1) * np.log10(x)) < 0.15, f"xavier-30: 10^{total:.1f} over {L - 1} layers, {x:.2f} in each"
print(f"xavier-30: over the 29 further layers Xavier shrinks the mean square to 10^{total:.1f} of it")

fig, ax = plt.subplots(figsize=(6.4, 3.3))
for (name, r), color, mark in zip(runs.items(), ("#2a8fbd", "#d9622b", "#8a6fc0", "#5b9a4a"), "os^v"):
    ax.plot(range(1, L + 1), r, "-" + mark, ms=3.5, color=color, label=name)
ax.set(xlabel="ReLU layer", ylabel="log10 of the mean square", title="Pre-activations, width 256, 6 seeds")
ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("depth.svg", transparent=True)
