"""Augmentation as a regulariser: least squares on ALL noisy copies is ridge regression, exactly."""
from itertools import product

import matplotlib.pyplot as plt
import numpy as np

rng = np.random.default_rng(0)
n, d, sigma = 12, 5, 0.7
X = rng.normal(size=(n, d))                              # (n, d) few samples
y = X @ rng.normal(size=d) + rng.normal(size=n)          # (n,)


# --8<-- [start:noise]
def fit(X, y):
    return np.linalg.lstsq(X, y, rcond=None)[0]


def ridge(lam):
    return np.linalg.solve(X.T @ X + lam * np.eye(d), X.T @ y)


noise = sigma * np.array(list(product((-1, 1), repeat=d)))   # (2^d, d) every corner: mean 0, covariance sigma^2 I
X_all = (X[:, None] + noise).reshape(n * len(noise), d)  # (n 2^d, d) each sample with each corner
w = fit(X_all, np.repeat(y, len(noise)))                 # the label stays what it was
# --8<-- [end:noise]
gap = abs(w - ridge(n * sigma**2)).max()
assert gap < 1e-12, f"ridge: the two solutions differ by {gap:.1e}"
print(f"ridge: on {len(X_all)} noisy copies of {n} samples the fit is ridge with lambda = n sigma^2 = {n * sigma**2:.2f}; they differ by less than 1e-12")
size = {name: np.linalg.norm(v) for name, v in (("plain", fit(X, y)), ("noisy", w))}
assert size["noisy"] < 0.8 * size["plain"], f"shrink: norm {size['plain']:.2f} without, {size['noisy']:.2f} with noise"
print(f"shrink: the weight norm falls from {size['plain']:.2f} to {size['noisy']:.2f}")
dup = fit(np.repeat(X, 32, 0), np.repeat(y, 32))
assert abs(dup - fit(X, y)).max() < 1e-12, "copies: repeating the samples without noise changes nothing"
print("copies: 32 plain copies of every sample change nothing")

Ks = [1, 2, 4, 8, 16, 32, 64, 128, 256]                  # Gaussian noise: ridge only on average over many copies
dist = np.array([[np.linalg.norm(fit((X[:, None] + sigma * np.random.default_rng(s).normal(size=(n, K, d))).reshape(-1, d),
                                     np.repeat(y, K)) - w) for K in Ks] for s in range(40)])      # (seeds, K)
assert np.median(dist[:, -1]) < np.median(dist[:, 0]) / 5, f"converge: {np.median(dist[:, 0]):.2f} to {np.median(dist[:, -1]):.2f}"
print(f"converge: median distance to ridge {np.median(dist[:, 0]):.2f} with 1 copy, {np.median(dist[:, -1]):.2f} with 256, over 40 seeds")
fig, ax = plt.subplots(figsize=(5.6, 3))
lo, mid, hi = np.quantile(dist, (0.1, 0.5, 0.9), axis=0)
ax.loglog(Ks, mid, "o-", color="#1f77b4", label="Gaussian noise, median of 40 seeds")
ax.fill_between(Ks, lo, hi, color="#1f77b4", alpha=0.25, label="10 % to 90 %")
ax.set(xlabel="noisy copies per sample", ylabel="distance to the ridge solution")
ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("ridge.svg")
