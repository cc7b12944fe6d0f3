"""Refutes: the best validation score among checkpoints is the score of the chosen checkpoint. No sampling."""
from itertools import accumulate, product
from math import exp, lgamma, log


# --8<-- [start:best]
def best_of(K, n, p):
    """Expected best score of K equally good checkpoints (p each), scored independently on n problems."""
    log_comb = lambda k: lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    pmf = [exp(log_comb(k) + k * log(p) + (n - k) * log(1 - p)) for k in range(n + 1)]       # binomial
    cdf = list(accumulate(pmf))
    return sum(k * (cdf[k] ** K - (cdf[k - 1] ** K if k else 0)) for k in range(n + 1)) / n
# --8<-- [end:best]


p, n = 0.3, 164                                  # HumanEval has 164 problems
brute = sum(max(sum(bits[:3]), sum(bits[3:])) / 3 * p ** sum(bits) * (1 - p) ** (6 - sum(bits))
            for bits in product((0, 1), repeat=6))                       # K = 2, n = 3: all 64 outcomes
assert abs(best_of(2, 3, p) - brute) < 1e-9, f"brute: {best_of(2, 3, p):.6f}, enumerated {brute:.6f}"
table = {(K, m): 100 * best_of(K, m, p) for K in (1, 5, 20, 100) for m in (n, 10 * n)}
assert abs(table[1, n] - 100 * p) < 1e-9, f"one: without a choice {table[1, n]:.1f} %"
for m in (n, 10 * n):
    print(f"larger-set: {m} problems: " + ", ".join(f"{table[K, m]:.1f} % with {K}" for K in (1, 5, 20, 100)))
excess = [table[20, m] - 100 * p for m in (n, 10 * n)]
assert 3 < excess[0] / excess[1] < 3.4, \
    f"larger-set: {excess[0]:.1f} points too high, {excess[1]:.1f} on ten times the set"
print(f"larger-set: {excess[0]:.1f} points too high with {n} problems, {excess[1]:.1f} with {10 * n}")

claimed = table[20, n]                           # the validation score that the winner of 20 shows
actual = 100 * sum(best_of(1, n, p) for _ in range(20)) / 20             # any of them on fresh problems
print(f"claimed {claimed:.1f} %, actual {actual:.1f} % solved")
assert claimed > actual + 5 and abs(actual - 100 * p) < 1e-9, \
    f"not-selected: {claimed:.1f} % on the set used to choose, {actual:.1f} % on new problems"
