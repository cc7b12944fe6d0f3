"""Retrieval selects. DeepSeekMath's numbers: why a good classifier isn't enough when the wanted pages are rare."""
from fractions import Fraction

import numpy as np

pages, kept = 40e9, 35.5e6                               # deduplicated Common Crawl; pages kept in the end
share = kept / pages
assert abs(share - 0.00089) < 1e-5, f"rare: {share:.3%} of the pages"
print(f"rare: {share:.3%} of the pages, about 1 in {round(1 / share, -1):.0f}")


def precision(recall, alarm, share):                       # Bayes: kept and wanted, over kept
    return recall * share / (recall * share + alarm * (1 - share))


def by_counting(recall, alarm, share, n=10**8):            # the same with integers: a population, page by page
    wanted = round(n * share)
    hit, wrong = round(recall * wanted), round(alarm * (n - wanted))
    return Fraction(hit, hit + wrong)


for alarm in (0.01, 0.001, 0.0001):
    assert abs(precision(0.9, alarm, share) - by_counting(0.9, alarm, share)) < 1e-4, f"bayes: at {alarm}"
balanced = precision(0.9, 0.01, 0.5)                     # what a balanced validation set shows
found = precision(0.9, 0.01, share)
assert abs(balanced - by_counting(0.9, 0.01, 0.5)) < 1e-9 and abs(found - by_counting(0.9, 0.01, share)) < 1e-4 \
    and found < 0.1, f"base-rate: {balanced:.1%} on a balanced set, {found:.1%} on the crawl"
print(f"base-rate: recall 90% and 1% false positives give {balanced:.1%} precision on a balanced set, {found:.1%} on the crawl")
need = 0.9 * share / (1 - share) / 9                     # false positive rate for 90 % precision
assert abs(precision(0.9, need, share) - 0.9) < 1e-9, f"need: {need:.1e}"
print(f"need: 90% precision needs a false positive rate of {need:.4%}")

rng = np.random.default_rng(0)                           # embedding retrieval: inner product against cosine
E = rng.normal(size=(2000, 64))
E /= np.linalg.norm(E, axis=1, keepdims=True)            # (N, 64) unit vectors
lengths = np.ones(2000)
lengths[0] = 8.0                                         # one text with a long vector
V, queries = E * lengths[:, None], E[1:501] + 0.05 * rng.normal(size=(500, 64))      # each query: a text, slightly moved
inner, cosine = (queries @ V.T).argmax(1), (queries @ E.T).argmax(1)
right = [(a == np.arange(1, 501)).mean() for a in (inner, cosine)]
assert ((inner == 0) | (inner == np.arange(1, 501))).all(), "other: a query that misses the long vector finds its own text"
assert right[1] == 1 and (inner == 0).mean() > 0.1, f"hub: {(inner == 0).mean():.0%} of the queries return the long vector"
print(f"hub: by inner product {(inner == 0).mean():.0%} of 500 queries return the one long vector; by cosine {right[1]:.0%} find their own text")
unit = queries / np.linalg.norm(queries, axis=1, keepdims=True)
distance = ((queries[:100, None] - E) ** 2).sum(-1)       # (100, N)
ranks = [a[:100].argsort(1) for a in (distance, -queries @ E.T, -unit @ E.T)]
assert (ranks[0] == ranks[1]).all() and (ranks[1] == ranks[2]).all(), "same: for unit vectors all three rank alike"
print("same: on unit vectors Euclidean distance, inner product and cosine give the same ranking of all 2000")
