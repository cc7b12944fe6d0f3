"""One coefficient, penalised: what L1 and L2 do to the least-squares value z, checked by exhaustive search."""
import matplotlib.pyplot as plt
import numpy as np


# --8<-- [start:prox]
def l1(z, lam):                                  # argmin_w (w - z)^2 / 2 + lam |w|: subtract lam, stop at zero
    return np.sign(z) * np.maximum(np.abs(z) - lam, 0)


def l2(z, lam):                                  # argmin_w (w - z)^2 / 2 + lam w^2 / 2: divide by 1 + lam
    return z / (1 + lam)
# --8<-- [end:prox]


w = np.arange(-8000, 8001) / 2000                # candidates, 1/2000 apart; zero is one of them
z = np.linspace(-4, 4, 161)
search = lambda z, penalty: w[((w - z[:, None]) ** 2 / 2 + penalty(w)).argmin(1)]
for lam in (0.3, 1.0, 2.5):
    found = search(z, lambda w: lam * abs(w)), search(z, lambda w: lam * w**2 / 2)
    assert abs(found[0] - l1(z, lam)).max() < 6e-4, f"soft: the search differs by {abs(found[0] - l1(z, lam)).max():.4f}"
    assert abs(found[1] - l2(z, lam)).max() < 6e-4, f"scale: the search differs by {abs(found[1] - l2(z, lam)).max():.4f}"
    band = z[found[0] == 0]
    assert abs(band.max() - lam) < 0.06 and abs(band.min() + lam) < 0.06, f"band: zero from {band.min()} to {band.max()}"
    assert (found[1] == 0).sum() == 1, f"never: {(found[1] == 0).sum()} zeros under L2, at z = 0 alone"
three, half = search(np.array([3.0, 0.5]), lambda w: abs(w)), search(np.array([3.0, 0.5]), lambda w: w**2 / 2)
assert list(three) == [2, 0] and list(half) == [1.5, 0.25], f"example: {three} under L1, {half} under L2"
print(f"example: with lambda = 1, z = 3 becomes {three[0]:g} (L1) or {half[0]:g} (L2), "
      f"z = 0.5 becomes {three[1]:g} (L1) or {half[1]:g} (L2)")

# The same, for a whole regression with orthonormal columns: proximal gradient on the real objective.
rng = np.random.default_rng(0)
X = np.linalg.qr(rng.standard_normal((50, 8)))[0]            # (n, p), X^T X = I
y = X @ np.array([3, -2, 1.5, 0.5, -0.3, 0.2, 0, 0]) + 0.1 * rng.standard_normal(50)
ols, beta = np.linalg.lstsq(X, y, rcond=None)[0], np.zeros(8)
for _ in range(400):
    beta = l1(beta - 0.1 * X.T @ (X @ beta - y), 0.1 * 1.0)
assert abs(beta - l1(ols, 1.0)).max() < 1e-12, f"orthonormal: off by {abs(beta - l1(ols, 1.0)).max():.1e}"
print(f"orthonormal: lambda = 1 leaves {np.count_nonzero(beta)} of 8 coefficients, the others are exactly zero")

fig, (a, b) = plt.subplots(1, 2, figsize=(8.6, 3.3))
a.plot(z, z, ":", color="#888", label="no penalty")
a.plot(z, l1(z, 1.0), color="#d9622b", label="L1: soft threshold")
a.plot(z, l2(z, 1.0), "--", color="#2a8fbd", label="L2: scaling")
a.set(title="lambda = 1", xlabel="least-squares coefficient z", ylabel="penalised coefficient")
lam = np.linspace(0, 4, 161)
for start, alpha in ((3.0, 1.0), (1.0, 0.55)):
    b.plot(lam, l1(start, lam), color="#d9622b", alpha=alpha, label=f"L1, z = {start:g}")
    b.plot(lam, l2(start, lam), "--", color="#2a8fbd", alpha=alpha, label=f"L2, z = {start:g}")
b.set(title="Path over the penalty", xlabel="lambda")
for ax in (a, b):
    ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("shrinkage.svg", transparent=True)
