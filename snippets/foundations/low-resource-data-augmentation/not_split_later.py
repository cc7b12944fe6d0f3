"""Refutes: one may augment first and split afterwards. Labels are coin flips, so nothing can be learnt: the truth is 0.5."""
from math import comb

import numpy as np

n, test = 100, 0.2                                       # originals, share of the test set


def one_nn(train_x, train_y, x):                         # nearest neighbour; rows are unit vectors
    return train_y[np.argmax(x @ train_x.T, axis=1)]


def accuracy(copies, seed, split_first):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 20))                         # (n, 20) embeddings
    y = rng.integers(0, 2, n)                            # labels that have nothing to do with X
    owner = np.repeat(np.arange(n), copies)              # which original a row comes from
    Z = X[owner] + 0.01 * rng.normal(size=(n * copies, 20))      # paraphrases: almost where the original is
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    if split_first:                                      # whole families go to one side
        held = np.isin(owner, rng.permutation(n)[: int(test * n)])
    else:
        held = np.zeros(n * copies, bool)
        held[rng.permutation(n * copies)[: int(test * n * copies)]] = True
    return (one_nn(Z[~held], y[owner[~held]], Z[held]) == y[owner[held]]).mean()


def leaked(copies):                                      # P(a test row has a sibling in training), hypergeometric
    total, held = n * copies, int(test * n * copies)
    alone = 1.0
    for i in range(1, copies):                           # every sibling must be held out as well
        alone *= (held - i) / (total - i)
    return 1 - alone


for c in (2, 4, 8):                                      # the same by counting the splits that hold a whole family out
    whole = comb(n * c - c, int(test * n * c) - c) / comb(n * c - 1, int(test * n * c) - 1)
    assert abs(1 - whole - leaked(c)) < 1e-12, f"counted: {leaked(c):.4f} with {c} copies"
seeds = range(60)
late = {c: np.mean([accuracy(c, s, False) for s in seeds]) for c in (1, 2, 4, 8)}
first = {c: np.array([accuracy(c, s, True) for s in seeds]) for c in (1, 2, 4, 8)}
for c in late:
    predicted = 0.5 + 0.5 * leaked(c)
    assert abs(late[c] - predicted) < max(4 * (predicted * (1 - predicted) / (60 * 20 * c)) ** 0.5, 1e-3), f"formula: {c} copies, {late[c]:.3f} measured, {predicted:.3f} predicted"
print("formula: " + ", ".join(f"{c} copies {0.5 + 0.5 * leaked(c):.3f}" for c in late) + " predicted, each measured within 0.03")
claimed, actual = late[8], first[8].mean()               # what the leaky split reports; what is true
error = first[8].std(ddof=1) / len(seeds) ** 0.5
assert abs(actual - 0.5) < 4 * error < 0.1, f"honest: {actual:.2f} within {4 * error:.2f} of a coin"
print(f"claimed {claimed:.2f}, actual {actual:.2f} accuracy on labels that are coin flips, 8 copies, mean of {len(seeds)} seeds")
assert claimed > 0.98 and actual < 0.6, f"not-split-later: {claimed:.2f} reported, {actual:.2f} true"
print(f"not-split-later: {claimed:.2f} reported, {actual:.2f} true")
