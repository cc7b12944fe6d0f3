"""How low can CLIP's loss get? Cosines are bounded, so that the floor is set by the scale exp(t)."""
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn.functional import cross_entropy, normalize


def loss(I, T, s):
    logits, labels = s * I @ T.T, torch.arange(len(I))
    return (cross_entropy(logits, labels) + cross_entropy(logits.T, labels)) / 2


# --8<-- [start:floor]
def floor(N, s):
    """Jensen, and: mean of the N^2 - N negative cosines - mean of the N positive ones >= -N / (N - 1)."""
    return np.log1p((N - 1) * np.exp(-s * N / (N - 1)))


def simplex(N):
    """N unit vectors, all pairs as far apart as can be: cosine -1 / (N - 1)."""
    return normalize(torch.eye(N, dtype=torch.float64) - 1 / N, dim=1)
# --8<-- [end:floor]


torch.manual_seed(0)
cases = [(N, s) for N in (2, 8, 64) for s in (1.0, 5.0, 1 / 0.07)]
for N, s in cases:
    reached = loss(simplex(N), simplex(N), s).item()
    assert abs(reached - floor(N, s)) < 1e-12, f"reached: {reached} at N = {N}, s = {s}"
    above = [loss(*normalize(torch.randn(2, N, 6, dtype=torch.float64), dim=2), s).item() for _ in range(50)]
    assert min(above) > reached - 1e-12, f"random: {min(above)} at N = {N}, s = {s}"
    one = normalize(torch.randn(1, 6, dtype=torch.float64), dim=1).expand(N, 6)         # all images and texts alike
    assert abs(loss(one, one, s).item() - np.log(N)) < 1e-12, f"uniform: log {N}"
print(f"reached: a simplex has the loss of the formula, {len(cases)} cases; 50 random draws each stay above")

for start in (torch.stack([simplex(8), simplex(8)]), torch.randn(2, 8, 8, dtype=torch.float64)):
    raw = (start * torch.rand(2, 8, 1, dtype=torch.float64)).requires_grad_()     # of any length
    loss(*normalize(raw, dim=2), 5.0).backward()
    along = (raw.grad * raw).sum(-1).abs().max().item()
    assert along < 1e-12, f"no-length: {along}"                          # the gradient is perpendicular to each vector
    size = raw.grad.abs().max().item()
    assert (size < 1e-12) == torch.equal(*start), f"at-rest: {size}"
print("at-rest: at the simplex the gradient is zero, elsewhere not; nowhere does it change a length")
longer = [loss(k * simplex(8), simplex(8), 1.0).item() for k in (1, 10, 100)]
assert longer[0] > 1 > longer[1] > 1e-5 > longer[2], f"longer: {longer}"
print("longer: without normalization, at s = 1, lengths 1, 10, 100: " + ", ".join(f"{x:.5f}" for x in longer))

N = 32768                                                                # CLIP's batch
low = [floor(N, s) for s in (1, 1 / 0.07, 100)]
assert abs(np.log(N) - 15 * np.log(2)) < 1e-12 and abs(np.log(N) - 1 - low[0]) < 1e-4, f"scale-one: {low[0]:.2f} of {np.log(N):.2f}"
assert abs(low[1] - N * np.exp(-1 / 0.07)) < 3e-4 and low[2] < 1e-30, f"clip-scales: {low[1]:.3f}, {low[2]:.0e}"
print(f"scale-one: N = {N}: {np.log(N):.2f} when all cosines are equal, at s = 1 never below {low[0]:.2f}")
print(f"clip-scales: never below {low[1]:.3f} at s = 1 / 0.07, {low[2]:.0e} at s = 100")

fig, ax = plt.subplots(figsize=(6.4, 3.4), layout="tight")
s = np.linspace(0, 30, 121)
for n, style in ((256, ":"), (4096, "--"), (N, "-")):
    ax.plot(s, [floor(n, x) for x in s], style, color="#2a8fbd", label=f"N = {n}")
for x, name in ((1, "s = 1"), (1 / 0.07, "s = 1 / 0.07")):
    ax.axvline(x, color="#d9622b", lw=1)
    ax.text(x + 0.3, 9.6, name, color="#d9622b", fontsize=9)
ax.set(xlabel="scale s = exp(t)", ylabel="lowest possible loss (nats)", ylim=(0, 10.8))
ax.legend(frameon=False), ax.grid(alpha=0.3)
fig.savefig("floor.svg", transparent=True)
