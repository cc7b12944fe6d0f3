"""Refutes: oversample first, split afterwards. The features are noise, so nothing can be learnt."""
import numpy as np

rng = np.random.default_rng(0)
d, n_pos, n_neg, copies = 5, 40, 960, 24                     # 4 % positives, copied up to balance


# --8<-- [start:recall]
def recall_1nn(x_train, y_train, x_val, y_val):
    """Share of validation positives whose nearest training sample is positive."""
    x = x_val[y_val == 1]                                    # (m, d)
    distance = ((x[:, None] - x_train) ** 2).sum(-1)         # (m, n)
    return y_train[distance.argmin(1)].mean()


def run(oversample_first):
    x, y = rng.normal(size=(n_pos + n_neg, d)), np.repeat([1, 0], (n_pos, n_neg))    # labels unrelated to x
    copy = lambda x, y: (np.repeat(x, np.where(y == 1, copies, 1), axis=0), np.repeat(y, np.where(y == 1, copies, 1)))
    if oversample_first:
        x, y = copy(x, y)
    order = rng.permutation(len(y))
    train, val = order[len(y) // 5:], order[:len(y) // 5]
    x_train, y_train = (x[train], y[train]) if oversample_first else copy(x[train], y[train])
    return recall_1nn(x_train, y_train, x[val], y[val])
# --8<-- [end:recall]


leaky, honest = (np.array([run(first) for _ in range(k)]) for first, k in ((True, 10), (False, 150)))
half = 1.96 * honest.std(ddof=1) / len(honest) ** 0.5
# 150 times 8 positives: were they independent draws, half would be 1.96 times the deviation of 1200
assert abs(honest.mean() - 0.04) < half < 1.5 * 1.96 * (0.04 * 0.96 / 1200) ** 0.5, f"chance: {honest.mean():.3f} +- {half:.3f}"
print(f"chance: recall {honest.mean():.2f} +- {half:.2f} over 150 splits, the base rate is "
      f"{n_pos / (n_pos + n_neg):.2f}")
claimed, actual = leaky.mean(), honest.mean()
print(f"claimed {claimed:.2f}, actual {actual:.2f} recall on validation positives")
assert claimed > 0.99 > 0.2 > actual, \
    f"not-before-split: recall {claimed:.2f} on pure noise, {actual:.2f} when split first"
