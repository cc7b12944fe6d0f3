"""Refutes: early stopping is L2 regularisation. Both shrink each eigendirection, by different factors."""
import matplotlib.pyplot as plt
import numpy as np
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
n, d, eta, steps = 50, 5, 0.1, 40
scale = torch.tensor([2.0, 1.0, 0.5, 0.2, 0.1])
X = torch.linalg.qr(torch.randn(n, d))[0] * n**0.5 * scale @ torch.linalg.qr(torch.randn(d, d))[0]     # (n, d)
y = torch.randn(n)
s, V = torch.linalg.eigh(X.T @ X / n)            # curvatures s, ascending, and their directions, the columns of V
w_star = torch.linalg.lstsq(X, y[:, None]).solution[:, 0]    # where training without a stop ends

# --8<-- [start:filters]
w = torch.zeros(d, requires_grad=True)           # early stopping: `steps` of gradient descent from 0
for _ in range(steps):
    g, = torch.autograd.grad(((X @ w - y) ** 2).mean() / 2, w)
    w = (w - eta * g).detach().requires_grad_()
ridge = lambda lam: torch.linalg.solve(X.T @ X / n + lam * torch.eye(d), X.T @ y / n)      # L2 with strength lam
keep = lambda w: (V.T @ w.detach()) / (V.T @ w_star)         # (d,) the fraction kept in each direction
# --8<-- [end:filters]

stopped, lam = keep(w), 1 / (eta * steps)        # the usual match: lambda = 1 / (eta t)
assert torch.allclose(stopped, 1 - (1 - eta * s) ** steps, atol=1e-9), "gd-filter: 1 - (1 - eta s)^t"
a = s * eta * steps                              # curvature times training time
assert torch.allclose(keep(ridge(lam)), a / (1 + a), atol=1e-9), "ridge-filter: s / (s + lambda) = a / (1 + a)"
own = s * (1 - stopped) / stopped                # a strength for each direction makes them equal
exact = torch.linalg.solve(X.T @ X / n + V @ torch.diag(own) @ V.T, X.T @ y / n)
assert torch.allclose(exact, w.detach(), atol=1e-9) and own[0] > 0.2 > 0.01 > own[-1], f"per-direction: {own}"
print(f"per-direction: it takes {own[0]:.2f} in the flattest direction and less than 0.01 in the steepest")
a = np.logspace(-3, 3, 100001)                   # a = s / lambda = s eta t
worst = (1 - np.exp(-a) - a / (1 + a)).max()
assert 0.2 < worst < 0.21 and (1 - np.exp(-a) > a / (1 + a)).all(), f"at-most: the factors differ by {worst:.3f}"
print(f"at-most: with lambda = 1 / (eta t) and small steps, the two factors differ by at most {worst:.3f}")

matched = (s[2] * (1 - stopped[2]) / stopped[2]).item()      # choose lambda so that the middle direction agrees
assert abs(keep(ridge(matched))[2] - stopped[2]) < 1e-9, "matched: one direction can always be made to agree"
claimed, actual = keep(ridge(matched))[s.argmax()].item(), stopped[s.argmax()].item()
print(f"claimed {claimed:.3f}, actual {actual:.3f} of the steepest direction is kept")
assert actual > 0.999999 > 0.99 > claimed, f"not-same: {actual:.3f} kept by early stopping, {claimed:.3f} by L2"

fig, ax = plt.subplots(figsize=(5.6, 3))
ax.semilogx(a, 1 - np.exp(-a), color="#3b82f6", label="early stopping")
ax.semilogx(a, a / (1 + a), "--", color="#ef4444", label="L2, $\\lambda=1/(\\eta t)$")
ax.semilogx(s * eta * steps, stopped, "o", color="#3b82f6", markersize=4, label="measured by autograd")
ax.set(xlabel="curvature times training time, $s\\eta t$", ylabel="fraction kept")
ax.legend(fontsize=8)
fig.tight_layout()
fig.savefig("filters.svg")
