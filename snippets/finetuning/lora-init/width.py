"""Which of A and B starts at zero decides how the tolerated learning rate scales with the width n."""
import matplotlib.pyplot as plt
import numpy as np

r, batch, steps = 8, 4, 5


# --8<-- [start:width]
def adam(state, grad, t):                         # betas 0.9 and 0.999; the direction of step t = 1, 2, ...
    m, v = 0.9 * state[0] + 0.1 * grad, 0.999 * state[1] + 0.001 * grad ** 2
    return (m, v), m / (1 - 0.9 ** t) / (np.sqrt(v / (1 - 0.999 ** t)) + 1e-12)


def drift(n, lr, zero, seed, steps=steps):
    """Largest RMS change of the output entries in a few Adam steps; zero: which matrix starts at zero."""
    g = np.random.default_rng(seed)
    A, B = g.standard_normal((r, n)) * n ** -0.5, g.standard_normal((n, r)) * r ** -0.5    # fan-in variance
    P = [A * (zero == "B"), B * (zero == "A")]
    x, residual = g.standard_normal((n, batch)), g.standard_normal((n, batch))    # residual = W x - target
    state, worst = [(0.0, 0.0), (0.0, 0.0)], 0.0
    for t in range(1, steps + 1):
        A, B = P
        delta = residual + B @ (A @ x)           # (n, batch) gradient of the squared error in the output
        grads = B.T @ delta @ x.T, delta @ (A @ x).T
        for i, grad in enumerate(grads):
            state[i], direction = adam(state[i], grad, t)
            P[i] = P[i] - lr * direction
        worst = max(worst, np.sqrt(np.mean((P[1] @ (P[0] @ x)) ** 2)))
    return worst


def largest_lr(n, zero, seed, limit=3.0):
    """Bisection: the largest learning rate at which no output entry moves by more than `limit` (RMS)."""
    low, high = 1e-4, 1.0
    for _ in range(12):
        mid = (low * high) ** 0.5
        low, high = (mid, high) if drift(n, mid, zero, seed) < limit else (low, mid)
    return low
# --8<-- [end:width]


state, pulls = (0.0, 0.0), np.array([-3.0, 0.5])
for t in range(1, steps + 1):                    # the bias correction: a constant gradient gives steps of size lr
    state, direction = adam(state, pulls, t)
    assert np.allclose(direction, [-1, 1]), f"unit-step: step {t} goes {direction} times the learning rate"
slope = lambda x, y: np.polyfit(np.log(x), np.log(y), 1)[0]
Ns, seeds = [2 ** k for k in range(7, 13)], range(2)
first = {z: [np.mean([drift(n, 1e-3, z, k, steps=1) for k in range(16)]) for n in Ns] for z in "BA"}
a, b = slope(Ns, first["B"]), slope(Ns, first["A"])
assert abs(a) < 0.1 and abs(b - 1) < 0.1, f"first-step: slopes {a:.2f} with B = 0, {b:.2f} with A = 0"
print(f"first-step: the first step moves the output like n^{abs(a):.1f} with B = 0 and n^{b:.1f} with A = 0")
lrs = {z: [np.exp(np.mean([np.log(largest_lr(n, z, k)) for k in seeds])) for n in Ns] for z in "BA"}
a, b = slope(Ns, lrs["B"]), slope(Ns, lrs["A"])
assert abs(a + 1 / 2) < 0.08 and abs(b + 1) < 0.08, f"lr-law: slopes {a:.2f} with B = 0, {b:.2f} with A = 0"
print(f"lr-law: the largest learning rate falls like n^{a:.1f} with B = 0 and n^{b:.1f} with A = 0")
gain = lrs["B"][-1] / lrs["A"][-1]
assert lrs["B"][0] / lrs["A"][0] < 3 and 8.5 < gain < 9.5, f"lr-gain: {gain:.1f} at n = {Ns[-1]}"
print(f"lr-gain: at n = {Ns[-1]}, B = 0 tolerates {gain:.0f} times the learning rate that A = 0 tolerates")

fig, axes = plt.subplots(1, 2, figsize=(8.6, 3.3))
for ax, data, title in ((axes[0], first, "Output change in step 1 (lr 0.001)"), (axes[1], lrs, "Largest tolerated learning rate")):
    for z, color, mark, name in (("B", "#2a8fbd", "-o", "A random, B = 0"), ("A", "#d9622b", "-s", "A = 0, B random")):
        ax.loglog(Ns, data[z], mark, ms=4, color=color, label=f"{name}: slope {slope(Ns, data[z]) + 0:.1f}".replace("-0.0", "0.0"))
    ax.set_xscale("log", base=2)
    ax.set(title=title, xlabel="width n")
    ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("width.svg", transparent=True)
