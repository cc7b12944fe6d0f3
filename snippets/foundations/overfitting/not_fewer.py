# bagu: seconds=40
"""Refutes: fewer parameters, less overfitting. Least squares on the first p of D = 200 features, 40 samples."""
import matplotlib.pyplot as plt
import numpy as np

rng = np.random.default_rng(0)
D, n, sigma, trials = 200, 40, 0.2, 2000
# --8<-- [start:fit]
X = rng.normal(size=(trials, n, D))                          # 2000 training sets
noise = sigma * rng.normal(size=(trials, n))


def risk(beta, p, lam=1e-10):
    """Test error of minimum-norm least squares (lam -> 0) or ridge on the first p features, for each training set."""
    A, y = X[:, :, :p], X @ beta + noise                     # (trials, n, p), (trials, n)
    if p <= n:
        w = np.linalg.solve(A.mT @ A + lam * np.eye(p), A.mT @ y[..., None])[..., 0]
    else:                                                    # p > n: the interpolating solution of smallest norm
        w = (A.mT @ np.linalg.solve(A @ A.mT + lam * np.eye(n), y[..., None]))[..., 0]
    return ((w - beta[:p]) ** 2).sum(-1) + (beta[p:] ** 2).sum() + sigma**2      # exact, since E[x x^T] = I


def theory(beta, p):                                         # Belkin, Hsu and Xu, theorem 1
    inside, outside = (beta[:p] ** 2).sum(), (beta[p:] ** 2).sum() + sigma**2
    if p < n - 1:
        return outside * (1 + p / (n - p - 1))
    return inside * (1 - n / p) + outside * (1 + n / (p - n - 1))
# --8<-- [end:fit]


ps = [2, 4, 12, 24, 32, 48, 64, 80, 120, 160, 200]
weak = np.full(D, D**-0.5)                                   # every feature carries the same
strong = 1 / np.arange(1, D + 1)
strong /= np.linalg.norm(strong)                             # sorted: the first features carry the most
assert abs(weak @ weak - 1) < 1e-12 > abs(strong @ strong - 1), f"norm: {weak @ weak:.3f}, {strong @ strong:.3f}"
mean = {}
for name, beta in (("weak", weak), ("strong", strong)):
    for p in ps:
        r = risk(beta, p)
        mean[name, p] = r.mean(), 1.96 * r.std(ddof=1) / trials**0.5
        assert abs(r.mean() - theory(beta, p)) < 2 * mean[name, p][1] < 0.1 * r.mean(), \
            f"theorem: {name}, p = {p}, {theory(beta, p):.3f}"
w = np.linalg.lstsq(X[0, :, :80], X[0] @ weak + noise[0], rcond=None)[0]         # LAPACK's own minimum-norm solution
own = ((w - weak[:80]) ** 2).sum() + (weak[80:] ** 2).sum() + sigma**2
assert abs(own - risk(weak, 80)[0]) < 1e-6, f"min-norm: {own:.4f}, {risk(weak, 80)[0]:.4f}"
tuned = {p: risk(weak, p, D * (sigma**2 + 1 - p / D)).mean() for p in ps}        # lambda = noise / signal per feature
assert max(tuned.values()) < 1 + sigma**2 < mean["weak", 32][0] / 3, f"tuned: at most {max(tuned.values()):.2f}"
print(f"tuned: with the best L2 at most {max(tuned.values()):.2f}, and {tuned[32]:.2f} at 32, {tuned[48]:.2f} at 48")
for name in ("weak", "strong"):
    exact = {p: theory({"weak": weak, "strong": strong}[name], p) for p in ps}
    print(f"theorem: {name} features: expected " + ", ".join(f"{exact[p]:.2f} at {p}" for p in (2, 12, 32, 48, 200)))
best = {name: min(ps, key=lambda p: mean[name, p][0]) for name in ("weak", "strong")}
assert best["strong"] == 12, f"strong-best: sorted features are best with {best['strong']}"
print(f"strong-best: of the sizes tried, with sorted features {best['strong']} parameters are best")
claimed, actual = min(ps), best["weak"]                      # the number of parameters with the least test error
print(f"claimed {claimed}, actual {actual} parameters are best with equal features")
assert actual == D and mean["weak", D][0] + 0.1 < mean["weak", claimed][0], f"not-fewer: {actual} parameters are best"

fig, ax = plt.subplots(figsize=(5.6, 3.2))
for name, beta, colour in (("weak", weak, "#ef4444"), ("strong", strong, "#3b82f6")):
    for grid in (range(1, 37), range(44, 201)):
        ax.plot(grid, [theory(beta, p) for p in grid], color=colour, linewidth=1)
    m, e = np.array([mean[name, p] for p in ps]).T
    label = {"weak": "equal", "strong": "sorted"}[name] + " features"
    ax.errorbar(ps, m, e, fmt="o", color=colour, markersize=3, label=label)
ax.plot(ps, list(tuned.values()), "--", color="#d97706", label="equal features, best L2")
ax.axvline(n, color="#888888", linestyle=":", linewidth=1)
ax.set(xlabel="number of parameters p (40 samples)", ylabel="test error", yscale="log")
ax.legend(fontsize=8)
fig.tight_layout()
fig.savefig("double_descent.svg")
