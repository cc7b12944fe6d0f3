"""Refutes: training error below test error means overfitting. All 256 training sets, 8 polynomial models."""
from itertools import product
import numpy as np

n, s = 8, 0.5
x = np.linspace(-1, 1, n)
f = np.sin(3 * x)
Y = f + s * np.array(list(product((-1, 1), repeat=n)))       # (256, n) every training set


def errors(k):
    Q = np.linalg.qr(np.vander(x, k))[0]                     # (n, k) k coefficients
    fit = Y @ Q @ Q.T
    return ((Y - fit) ** 2).mean(), np.mean([(f + e - fit) ** 2 for e in (-s, s)])


train, test = np.array([errors(k) for k in range(1, n + 1)]).T
best = 1 + min(range(n), key=lambda i: test[i])
gap = test - train
assert np.allclose(gap, 2 * s**2 * np.arange(1, n + 1) / n), f"gap: {gap.round(3)}: 2 s^2 k / n"
assert test[best - 1] == test.min() and gap[best - 1] > 0.1, \
    f"best-has-gap: the best model, {best} coefficients, has a gap of {gap[best - 1]:.2f}"
print(f"best-has-gap: the best of the 8 models, {best} coefficients, still has a gap of {gap[best - 1]:.2f}")
rise = [k + 1 for k in range(1, n) if test[k] > test[:k].min()]          # a smaller model does better on new data
assert gap[0] == gap.min() and test[0] == test.max(), f"underfits: gap {gap[0]:.2f}, test {test[0]:.2f}: both extreme"
print(f"underfits: one coefficient, gap {gap[0]:.2f}, the test error {test[0]:.2f} is far above {test.min():.2f}")
claimed, actual = int((gap > 0).sum()), len(rise)            # models that are called overfitted; that are
print(f"claimed {claimed}, actual {actual} of 8 models do worse on new data than a smaller one: {rise}")
# one coefficient more takes (q . f)^2 / n off the bias and adds s^2 / n of variance; where that doesn't pay:
assert claimed == n > actual + 2 and actual == (test > np.minimum.accumulate(test)).sum() and \
    rise == [k + 1 for k in range(1, n) if (np.linalg.qr(np.vander(x, n)[:, ::-1])[0][:, k] @ f) ** 2 < s**2], \
    f"not-gap: {claimed} models have train below test, only {actual} are too large"
