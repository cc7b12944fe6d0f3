"""Why sqrt(d_k): the variance of q.k is exactly d_k, and what three scalings do to the softmax."""
from itertools import product
import matplotlib.pyplot as plt
import numpy as np

SIGNS = (-1, 1)                                                # mean 0, variance 1


def variance(d):
    """Exact: all 4^d pairs of sign vectors, equally likely."""
    dots = [sum(a * b for a, b in zip(q, k)) for q in product(SIGNS, repeat=d) for k in product(SIGNS, repeat=d)]
    assert sum(dots) == 0, f"mean-zero: the mean is {sum(dots) / len(dots)}"
    return sum(x * x for x in dots) / len(dots)


exact = [variance(d) for d in range(1, 7)]
assert exact == [1, 2, 3, 4, 5, 6], f"variance: {exact}"
print("variance: d_k = 1 ... 6 gives", *(f"{v:.0f}" for v in exact))


# --8<-- [start:softmax]
def spread(d, scale, N=128, trials=150):
    """Largest weight of one query over N keys, and the trace of the softmax's Jacobian, sum p (1 - p)."""
    rng = np.random.default_rng(d)
    q, K = rng.standard_normal((trials, d)), rng.standard_normal((trials, N, d))
    s = np.einsum("td,tnd->tn", q, K) / scale
    p = np.exp(s - s.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return np.median(p.max(1)), np.median((p * (1 - p)).sum(1))
# --8<-- [end:softmax]


rules = {"1": lambda d: 1, "sqrt(d_k)": lambda d: d ** 0.5, "d_k": lambda d: d}
ds = [4, 16, 64, 128, 256]
curve = {name: np.array([spread(d, rule(d)) for d in ds]) for name, rule in rules.items()}
(raw, raw_grad), (root, root_grad), (linear, _) = (curve[name][ds.index(128)] for name in rules)
assert 0.935 < raw < 0.945 and raw_grad < 0.2, f"saturates: top weight {raw:.2f}, trace {raw_grad:.2f}"
assert 0.03 < root < 0.2 and root_grad > 0.9, f"root-keeps: top weight {root:.2f}, trace {root_grad:.2f}"
assert linear < 1.5 / 128, f"linear-flattens: top weight {linear:.4f}, uniform is {1 / 128:.4f}"
drift = (curve["sqrt(d_k)"].max(0) / curve["sqrt(d_k)"].min(0)).max()
assert 1 < drift < 1.3, f"no-drift: a factor {drift:.2f} between d_k = 4 and 256"
print("saturates: without scaling, at d_k = 128, the median top weight of 128 keys exceeds 0.9, the trace is below 0.2")
print("root-keeps: with sqrt(d_k) it stays between 0.03 and 0.2")
print("linear-flattens: with d_k it is below 1.5 / 128, close to uniform")
print("no-drift: with sqrt(d_k) both move by less than a factor 1.3 from d_k = 4 to 256")

fig, axes = plt.subplots(1, 2, figsize=(8.6, 3.2))
for column, ax in enumerate(axes):
    for name, color, mark in zip(rules, ("#d9622b", "#2a8fbd", "#8a8a8a"), "os^"):
        ax.plot(ds, curve[name][:, column], f"-{mark}", color=color, ms=4, label=f"q.k / {name}")
    ax.set_xscale("log", base=2)
    ax.set_xticks(ds, ds)
    ax.set_xlabel("d_k")
    ax.grid(alpha=0.3)
axes[0].set_title("Largest weight of 128 keys (median)")
axes[1].set_title("Trace of the softmax Jacobian (median)")
axes[0].legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("scale.svg", transparent=True)
