"""Refutes: 0.01 or 0.001 suits most networks. The largest stable rate moves with the scale of the problem."""
import numpy as np

rng = np.random.default_rng(0)
X, y = rng.standard_normal((200, 5)), rng.standard_normal(200)


def diverges(X, lr, steps=500):
    w = np.zeros(5)
    for _ in range(steps):
        w = w - lr * X.T @ (X @ w - y) / len(y)          # gradient descent on least squares
        if abs(w).max() > 1e6:
            return True
    return False


def largest_stable(X, lo=1e-7, hi=10.0):
    for _ in range(14):                                  # bisection on real training runs
        mid = (lo * hi) ** 0.5
        lo, hi = (lo, mid) if diverges(X, mid) else (mid, hi)
    return lo


rates = {scale: largest_stable(scale * X) for scale in (1, 10, 100)}
bound = {s: 2 / np.linalg.eigvalsh((s * X).T @ (s * X) / len(y))[-1] for s in rates}
assert all(abs(rates[s] / bound[s] - 1) < 0.05 for s in rates), f"bound: measured {rates}, 2 / lambda_max {bound}"
print("bound: inputs times 1, 10, 100: largest stable rate " + ", ".join(f"{r:.1e}" for r in rates.values())
      + ", each 2 / lambda_max")

claimed, actual = rates[1], rates[100]                   # one rate for all: rescaling the inputs would not matter
print(f"claimed {claimed:.1e}, actual {actual:.1e}: the largest stable rate with the inputs times 100")
assert diverges(10 * X, 0.1) and not diverges(X, 0.1), "fails: 0.1 trains the one problem and destroys the other"
assert diverges(100 * X, 0.01) and diverges(100 * X, 0.001), "both-fail: 0.01 and 0.001 diverge on inputs times 100"
assert actual < claimed / 5000, f"not-one-lr: {claimed / actual:.0f} times smaller, the square of the scale"
print(f"not-one-lr: {claimed / actual:.0f} times smaller when the inputs are 100 times larger")
