"""Refutes: self-training supplies the rare class. Pseudo-labels of the best possible classifier, exactly."""
from math import erfc, log
import numpy as np

prior, gap = 0.01, 2.0                           # 1 % positives; scores N(0, 1) and N(2, 1)
above = lambda t: erfc(t / 2**0.5) / 2           # P(N(0, 1) > t)

# --8<-- [start:pseudo]
t = gap / 2 + log((1 - prior) / prior) / gap     # posterior = 1/2: where the Bayes classifier says positive
hit, false = prior * above(t - gap), (1 - prior) * above(t)
share = hit + false                              # what part of the unlabelled data is labelled positive
# --8<-- [end:pseudo]

x = np.linspace(-10, 14, 2_400_001)              # the same by brute force: posterior at every x, no threshold formula
p1, p0 = prior * np.exp(-((x - gap) ** 2) / 2), (1 - prior) * np.exp(-(x**2) / 2)
total = (p0 + p1).sum()
brute = (p0 + p1)[p1 > p0].sum() / total
assert abs(share - brute) < 1e-6, f"brute: {share:.6f}, {brute:.6f}"
sure = (p0 + p1)[p1 > 0.95 * (p0 + p1)].sum() / (p0 + p1)[np.maximum(p0, p1) > 0.95 * (p0 + p1)].sum()
cut = lambda odds: gap / 2 + log(odds * (1 - prior) / prior) / gap       # the x at which p1 / p0 = odds
right = lambda c: prior * above(c - gap) + (1 - prior) * above(c)        # what part lies above c
assert sure < share / 2 and abs(            # a posterior of 0.95 is odds of 19
    sure / (right(cut(19)) / (right(cut(19)) + 1 - right(cut(1 / 19)))) - 1) < 1e-3, \
    f"confident: {sure:.3%} of the labels kept at 0.95"
print(f"recall: {hit / prior:.0%}, precision {hit / share:.0%} of the positive pseudo-labels")
print(f"confident: {sure:.3%} positives among the pseudo-labels with confidence above 0.95")
assert hit / share > 0.6 > 0.1 > hit / prior, f"recall: {hit / prior:.0%}, precision {hit / share:.0%}"
claimed, actual = 100 * p1.sum() / total, 100 * share      # per cent positive: the data, its labels
print(f"claimed {claimed:.2f} %, actual {actual:.2f} % of the pseudo-labels are positive")
assert abs(claimed - 1) < 1e-6 and actual < claimed / 5, \
    f"not-supplied: {actual:.2f} % positives, fewer than the {claimed:.2f} % in the data"
