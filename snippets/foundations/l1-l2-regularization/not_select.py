"""Refutes: L2 selects (more) features, all close to zero. It keeps every feature, and how small they are is up to lambda."""
import numpy as np

rng = np.random.default_rng(0)
n, p = 200, 20
mix = rng.standard_normal((p, p)) / 5 + np.eye(p)            # correlated features
X = rng.standard_normal((n, p)) @ mix
truth = 2 * rng.standard_normal(p)
y = X @ truth + rng.standard_normal(n)
G, c = X.T @ X / n, X.T @ y / n
eta = 1 / np.linalg.eigvalsh(G)[-1]


def lasso(lam):
    w = np.zeros(p)
    for _ in range(20_000):
        w = w - eta * (G @ w - c)
        w = np.sign(w) * np.maximum(abs(w) - eta * lam, 0)
    return w


ridge = lambda lam: np.linalg.solve(G + lam * np.eye(p), c)
for lam in (0.01, 1.0, 100.0):                   # the oracle: ordinary least squares with p rows added, sqrt(lam n) I against 0
    oracle = np.linalg.lstsq(np.vstack([X, (lam * n) ** 0.5 * np.eye(p)]), np.append(y, np.zeros(p)), rcond=None)[0]
    assert np.allclose(ridge(lam), oracle), f"ridge: off by {abs(ridge(lam) - oracle).max():.1e} with lambda = {lam}"
top = abs(c).max()                               # from here on the lasso keeps nothing
lams = top * np.array([0.001, 0.01, 0.1, 0.3, 0.6, 1.001, 10, 1000])
fits = {"lasso": [lasso(lam) for lam in lams], "ridge": [ridge(lam) for lam in lams]}
kept = {name: [np.count_nonzero(w) for w in ws] for name, ws in fits.items()}
for w, lam in zip(fits["lasso"], lams):          # optimality: c - G w = lam sign(w), and within [-lam, lam] at zero
    slope = c - G @ w
    off = abs(np.where(w == 0, slope - np.clip(slope, -lam, lam), slope - lam * np.sign(w))).max()
    assert off < 1e-7, f"kkt: the lasso violates optimality by {off:.1e} with lambda = {lam:.3f}"
assert kept["lasso"] == sorted(kept["lasso"], reverse=True), f"drops: the lasso keeps {kept['lasso']}"
assert kept["lasso"][0] == p, f"no-corner: with a weak penalty L1 keeps {kept['lasso'][0]} of {p}"
risk = [(ridge(lam) - truth) @ mix.T @ mix @ (ridge(lam) - truth) for lam in lams]   # expected error on new data
fresh = np.random.default_rng(1).standard_normal((20_000, p)) @ mix
seen = [((fresh @ (w - truth)) ** 2).mean() for w in fits["ridge"]]
assert np.allclose(seen, risk, rtol=0.05), f"risk: {risk} expected, {seen} on 20000 fresh samples"
size = np.linalg.norm(ridge(lams[int(np.argmin(risk))])) / np.linalg.norm(ridge(0.0))
assert 0.8 < size < 1, f"close: at the lambda that predicts best L2 keeps {size:.0%} of the length of least squares"
print(f"close: at the lambda that predicts best L2 keeps {size:.0%} of the length of least squares")
print(f"no-corner: with a weak penalty L1 keeps {kept['lasso'][0]} of {p}")
print("features kept by L1 as lambda grows:", *kept["lasso"])
print("features kept by L2 as lambda grows:", *kept["ridge"])

# Orthonormal features: what happens to a large and to a small coefficient at one and the same lambda?
Q = np.linalg.qr(rng.standard_normal((n, 2)))[0]
target = Q @ np.array([10.0, 0.5])
w2 = np.linalg.solve(Q.T @ Q + np.eye(2), Q.T @ target)      # lambda = 1
w1 = np.sign(Q.T @ target) * np.maximum(abs(Q.T @ target) - 1, 0)
assert abs(w2[0] / w2[1] - 10.0 / 0.5) < 1e-9, f"proportion: {w2[0] / w2[1]:.1f} to one under L2, as before"
assert abs(w2[0] - 5) < 1e-9 and abs(w1[0] - 9) < 1e-9, f"large: 10 becomes {w2[0]:g} under L2 and {w1[0]:g} under L1"
print(f"large: 10 becomes {w2[0]:.0f} under L2, {w1[0]:.0f} under L1; proportion: {w2[0] / w2[1]:.0f} to 1 under L2, as before")

claimed, actual = min(kept["lasso"]), min(kept["ridge"])     # what a selector does at a large lambda; what L2 does
print(f"claimed {claimed}, actual {actual} features kept when lambda is large")
print(f"not-select: a selector ends with {claimed} features, L2 still has all {actual}")
assert claimed == 0 and actual == p, f"not-select: {actual} of {p} features are kept by L2 at every lambda"
