# bagu: seconds=60
"""Refutes: L1 helps with high dimensions, full stop. It does if few features matter; with n samples it keeps at most n."""
import numpy as np

n, p = 10, 40


def lasso(X, y, lam, w, sweeps=3000):
    """Coordinate descent for ||y - X w||^2 / 2 + lam ||w||_1, stopped when nothing moves any more."""
    r, norms = y - X @ w, (X * X).sum(0)
    for _ in range(sweeps):
        before = w.copy()
        for j in range(X.shape[1]):
            rho = X[:, j] @ r + norms[j] * w[j]
            new = np.sign(rho) * max(abs(rho) - lam, 0) / norms[j]
            r += X[:, j] * (w[j] - new)
            w[j] = new
        if abs(w - before).max() < 1e-10:
            break
    return w


def compare(useful, seed):
    """Error of L1 over error of L2, each with its best lambda; most features kept by L1; violation of optimality."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    truth = rng.choice([-1.0, 1.0], p) * rng.uniform(1, 2, p) * (np.arange(p) < useful)
    y = X @ truth
    top, w, path, kkt = abs(X.T @ y).max(), np.zeros(p), [], 0.0
    for lam in top * 0.6 ** np.arange(1, 8):     # a path from strong to weak penalty
        w = lasso(X, y, lam, w.copy())
        kkt = max(kkt, abs((abs(X.T @ (y - X @ w)) / lam).max() - 1))    # the largest correlation is lambda
        path.append(w)
    ridge = [X.T @ np.linalg.solve(X @ X.T + lam * np.eye(n), y) for lam in np.logspace(-3, 3, 13)]
    primal = np.linalg.solve(X.T @ X + 1e3 * np.eye(p), X.T @ y)             # the last of them, the usual way
    assert np.allclose(ridge[-1], primal), f"ridge: off by {abs(ridge[-1] - primal).max():.1e}"
    error = lambda ws: min(((w - truth) ** 2).sum() for w in ws)
    return error(path) / error(ridge), max(np.count_nonzero(w) for w in path), kkt


few, all_of_them = (np.array([compare(useful, seed) for seed in range(24)]) for useful in (2, p))
kkt = max(few[:, 2].max(), all_of_them[:, 2].max())
assert 0 < kkt < 1e-6, f"kkt: the largest correlation is off lambda by a factor 1 +- {kkt:.1e}"
most = int(all_of_them[:, 1].max())
assert n / 2 < all_of_them[:, 1].min() <= most <= n, f"at-most: {most} of {p} useful features kept, {n} samples"
print(f"at-most: with {n} samples L1 keeps at most {most} of {p} useful features")

x = np.random.default_rng(9).standard_normal(30)             # twins: the same column twice, y = 1.0 x
T = np.stack([x, x], 1)
objective = lambda u, pen: ((x - T @ u) ** 2).sum() / 2 + pen(np.array(u))
shares = [np.array([a, 1 - a]) for a in (0.0, 0.25, 0.5, 1.0)]
l1 = [objective(u, lambda u: abs(u).sum()) for u in shares]
l2 = [objective(u, lambda u: (u**2).sum() / 2) for u in shares]
fit = np.linalg.solve(T.T @ T + np.eye(2), T.T @ x)
assert np.allclose(l1, 1, atol=1e-12), f"twins-l1: {l1} must all be 1: every split fits, and is as good as any other"
against = objective(np.array([1.5, -0.5]), lambda u: abs(u).sum())
assert against > l1[0] + 0.9, f"twins-sign: {against:.2f} with opposite signs, {l1[0]:.2f} with one"
assert np.allclose(l2, [0.5, 0.3125, 0.25, 0.5], atol=1e-12) and abs(fit - x @ x / (2 * x @ x + 1)).max() < 1e-12, \
    f"twins-l2: {fit} must be equal shares"
print(f"twins-l1: every split has the same penalty; twins-l2: equal shares, {fit[0]:.2f} and {fit[1]:.2f}")

spread = lambda ratio: 1.96 * ratio.std(ddof=1) / len(ratio) ** 0.5     # half the 95 % interval of the mean over data sets
for r in (few[:, 0], all_of_them[:, 0]):         # resampled means lie within it about 95 times in 100
    assert 0.92 < (abs(np.random.default_rng(0).choice(r, (10_000, len(r))).mean(1) - r.mean()) < spread(r)).mean() < 0.98, \
        "interval: not 95 % of the resampled means are inside"
claimed, actual = few[:, 0].mean(), all_of_them[:, 0].mean()     # the advantage that is promised; if every feature matters
print(f"claimed {claimed:.2f}, actual {actual:.2f}: error of the coefficients under L1 over that under L2, best lambda each")
print(f"not-highdim: {claimed:.2f} +- {spread(few[:, 0]):.2f} times the error of L2 if 2 of {p} features matter, "
      f"{actual:.2f} +- {spread(all_of_them[:, 0]):.2f} times if all do, {len(few)} data sets each")
assert claimed + spread(few[:, 0]) < 0.5 \
    and 1.1 < actual - spread(all_of_them[:, 0]) < actual + spread(all_of_them[:, 0]) < 2, \
    f"not-highdim: {claimed:.2f} if few matter, {actual:.2f} if all do"
