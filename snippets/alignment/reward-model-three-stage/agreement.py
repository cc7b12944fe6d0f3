"""How well can a reward model predict one labeler, when two labelers agree only 72.6 % of the time?"""
import numpy as np

rng = np.random.default_rng(0)


def agreement(p, share):
    """Two labelers judge the same pair; p is the share of labelers who prefer the first response."""
    return np.average(p ** 2 + (1 - p) ** 2, weights=share)


def best(p, share):
    """The best predictor sides with the majority, pair by pair."""
    return np.average(np.maximum(p, 1 - p), weights=share)


ceiling = lambda A: (1 + np.sqrt(2 * A - 1)) / 2
for _ in range(5000):                                                # any mixture of clear and doubtful pairs
    p, share = rng.beta(*rng.uniform(0.1, 3, 2), 50), rng.dirichlet(np.full(50, rng.uniform(0.1, 2)))
    A, B = agreement(p, share), best(p, share)
    assert A <= B + 1e-12 and B <= ceiling(A) + 1e-12, f"bounds: {A:.3f} <= {B:.3f} <= {ceiling(A):.3f}"
print("bounds: in 5000 mixtures the best accuracy lies between the agreement and (1 + sqrt(2 A - 1)) / 2")

A = 0.726                                                            # @ouyang2022instructgpt, 3.4
top = ceiling(A)
alike, one = np.full(50, top), np.full(50, 1 / 50)                   # every pair equally doubtful: the upper end
assert abs(agreement(alike, one) - A) < 1e-12 and abs(best(alike, one) - top) < 1e-12, f"upper: {100 * top:.1f} %"
split, share = np.array([1, 0.5]), np.array([2 * A - 1, 2 - 2 * A])  # either clear or a coin: the lower end
assert abs(agreement(split, share) - A) < 1e-12 and abs(best(split, share) - A) < 1e-12, f"lower: {100 * A:.1f} %"
print(f"lower: {100 * A:.1f} %; upper: {100 * top:.1f} %")
