"""Every training set of a small problem, enumerated: bias, variance and the gap between train and test."""
from itertools import product
import matplotlib.pyplot as plt
import numpy as np

s = 0.5                                          # noise: y = f(x) + s or f(x) - s, each with probability 1/2


# --8<-- [start:enumerate]
def errors(n, k):
    """Least squares with k polynomial coefficients on n points, averaged over all 2^n training sets."""
    x = np.linspace(-1, 1, n)
    f = np.sin(3 * x)                                        # (n,) the truth
    Y = f + s * np.array(list(product((-1, 1), repeat=n)))   # (2^n, n) every training set there is
    Q = np.linalg.qr(np.vander(x, k))[0]                     # (n, k) orthonormal basis of the model
    Y_hat = Y @ Q @ Q.T                                      # (2^n, n) fitted values
    train = ((Y - Y_hat) ** 2).mean()
    test = np.mean([(f + e - Y_hat) ** 2 for e in (-s, s)])  # fresh noise at the same inputs
    bias2 = ((Y_hat.mean(0) - f) ** 2).mean()                # the average model against the truth
    variance = Y_hat.var(0).mean()                           # how much the model moves with the training set
    return train, test, bias2, variance
# --8<-- [end:enumerate]


n, ks = 8, range(1, 9)
table = {k: errors(n, k) for k in ks}
for k, (train, test, bias2, variance) in table.items():
    assert abs(test - (bias2 + variance + s**2)) < 1e-12, f"decomposition: {test:.4f}, {bias2 + variance + s**2:.4f}"
    assert abs(test - train - 2 * s**2 * k / n) < 1e-12, f"gap: k = {k}, {test - train:.4f} = 2 s^2 k / n"
    print(f"k = {k}: train {train:.3f}, test {test:.3f} = bias^2 {bias2:.3f} + variance {variance:.3f} + noise {s * s}")
best = min(ks, key=lambda k: table[k][1])
train, test, *_ = table[best]
train_curve, test_curve = np.array([table[k][:2] for k in ks]).T
assert (np.diff(train_curve) < 0).all(), "train-falls: the training error falls with every coefficient"
assert best == 4 and table[1][1] > test + 0.1 < table[n][1] and (np.diff(test_curve[best - 1:]) > 0.01).all(), \
    f"u-shape: best with {best} coefficients, worse with each one more"
assert abs(table[n][0]) < 1e-12 and abs(table[n][1] - 2 * s**2) < 1e-12, \
    f"interpolates: {abs(table[n][0]):.3f}, {table[n][1]:.3f}: twice the noise"
print(f"u-shape: best with {best} coefficients: train {train:.3f}, test {test:.3f}, gap {test - train:.3f}")
print(f"interpolates: with {n} coefficients train is {abs(table[n][0]):.3f}, test {table[n][1]:.3f}")

k = 4
half = [errors(m, k)[1] - errors(m, k)[0] for m in (7, 14)]
assert abs(half[0] / half[1] - 2) < 1e-9 and abs(half[1] - 1 / 7) < 1e-9, \
    f"more-data: gap {half[0]:.3f} with 7 points, {half[1]:.3f} with 14"
print(f"more-data: 4 coefficients, gap {half[0]:.3f} with 7 points, {half[1]:.3f} with 14")

fig, ax = plt.subplots(figsize=(5.6, 3.2))
for i, (name, colour, style) in enumerate((("train error", "#3b82f6", "o-"), ("test error", "#ef4444", "o-"),
                                           ("bias$^2$", "#a855f7", "s--"), ("variance", "#d97706", "^--"))):
    ax.plot(ks, [table[k][i] for k in ks], style, color=colour, label=name, markersize=4)
ax.axhline(s**2, color="#888888", linewidth=1, linestyle=":", label="noise")
ax.set(xlabel="number of coefficients k (8 training points)", ylabel="mean squared error")
ax.legend(fontsize=8)
fig.tight_layout()
fig.savefig("bias_variance.svg")
