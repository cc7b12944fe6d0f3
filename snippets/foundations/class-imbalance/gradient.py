"""Weighted loss, oversampling, undersampling: one expected gradient, unequal variances. 3 positives, 57 negatives."""
from itertools import combinations
import numpy as np

rng = np.random.default_rng(0)
n_pos, n_neg, d = 3, 57, 4
N = n_pos + n_neg
x = rng.normal(size=(N, d))
x /= np.linalg.norm(x, axis=1, keepdims=True)    # (N, d) unit features
y = np.array([1] * n_pos + [0] * n_neg)
g = (0.5 - y)[:, None] * x                       # (N, d) gradient of the logistic loss of each sample at w = 0

# --8<-- [start:three]
weight = np.where(y == 1, N / (2 * n_pos), N / (2 * n_neg))  # inverse frequency: both classes count the same
square = lambda v: (v**2).sum(-1)

weighted = (weight[:, None] * g).mean(0)                     # draw uniformly, multiply by the weight
weighted_var = square(weight[:, None] * g).mean() - square(weighted)

q = weight / N                                               # oversampling: draw with probability ~ weight
over = q @ g
over_var = q @ square(g) - square(over)

kept = g[np.array(list(combinations(range(n_pos, N), n_pos)))]           # (29260, 3, d) negatives of every subset
subsets = (g[:n_pos].sum(0) + kept.sum(1)) / (2 * n_pos)     # (29260, d) full gradient of every balanced subset
between = square(subsets - subsets.mean(0)).mean()           # undersampling once: the data set itself is random
# --8<-- [end:three]

assert np.allclose(weighted, over) and np.allclose(weighted, subsets.mean(0)), "same-mean: one expected gradient"
assert not np.allclose(weighted, g.mean(0), atol=0.05), "changed: and it is not the unweighted one"
second = square(weight[:, None] * g).mean() / (q @ square(g))
assert abs(second - (weight**2).mean()) < 1e-9, \
    f"second-moment: {second:.3f}, mean squared weight {(weight**2).mean():.3f}"
assert weighted_var > over_var > 0, f"variance: weighted {weighted_var:.3f}, oversampled {over_var:.3f}"
cov = np.trace(np.cov((weight[:, None] * g).T, bias=True)), np.trace(np.cov(g.T, aweights=q, ddof=0))
assert np.allclose(cov, (weighted_var, over_var)), \
    f"covariance: {cov[0]:.3f}, {cov[1]:.3f} from the covariance matrices"
within = (square(g[:n_pos]).sum() + square(kept).sum(1)) / (2 * n_pos) - square(subsets)     # one sample of a subset
assert abs(within.mean() + between - over_var) < 1e-9, f"total: {within.mean() + between:.2f}, oversampled {over_var:.2f}"
miss = [(1 - n_pos / N) ** 16, 0.5**16]
assert 0.4 < miss[0] < 0.5 and miss[1] < 1e-4, f"no-positive: {miss[0]:.0%} of the batches of 16, {miss[1]:.3%}"
assert between > 0.01 and len(subsets) == 29260, f"undersampled: {between:.3f} that more steps don't average out"
small = np.where(y == 1, 0.2, 1.0)[:, None] * g              # positives already learnt: their gradients are 5 times smaller
learnt = square(weight[:, None] * small).mean() / (q @ square(small))
assert learnt < 1 < second and abs(     # unit features: the gradients of a class are equally long
    learnt - (0.2**2 * n_pos * weight[0]**2 + n_neg * weight[-1]**2) / N / (0.5 * (1 + 0.2**2))) < 1e-9, \
    f"learnt: {learnt:.2f} times, weighting has the smaller variance once positives are learnt"
print(f"learnt: {learnt:.2f} times as large, once the gradients of the positives are 5 times smaller")
print(f"weights: {weight[0]:.1f} for a positive, {weight[-1]:.3f} for a negative")
print(f"variance: of one sample's gradient: {weighted_var:.2f} weighted, {over_var:.2f} oversampled")
print(f"total: {within.mean() + between:.2f} undersampled, of which {between:.3f} between the subsets")
print(f"second-moment: {second:.2f} times as large with the weighted loss")
print(f"no-positive: {miss[0]:.0%} of uniform batches of 16 hold no positive, {miss[1]:.3%} of balanced ones")
print(f"undersampled: variance {between:.3f} between the {len(subsets)} balanced subsets; "
      f"{n_neg - n_pos} of {n_neg} negatives are lost")
