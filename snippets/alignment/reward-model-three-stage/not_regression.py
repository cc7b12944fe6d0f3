"""Refutes: the reward model is fitted to ratings. The paper's loss sees only who was ranked above whom."""
from itertools import combinations
import numpy as np

strict, lenient = np.array([4.0, 3, 2, 1]), np.array([7.0, 6, 4, 4])         # ratings of the same 4 responses, scale 1-7


def comparisons(ratings):
    """The (winner, loser) pairs of a ranking; ties are dropped."""
    return {(i, j) if ratings[i] > ratings[j] else (j, i)
            for i, j in combinations(range(len(ratings)), 2) if ratings[i] != ratings[j]}


def ranking_loss(r, pairs):
    return np.mean([np.log1p(np.exp(r[l] - r[w])) for w, l in sorted(pairs)])


regression_loss = lambda r, *labelers: np.mean([(r - ratings) ** 2 for ratings in labelers])
a, b = comparisons(strict), comparisons(lenient)
assert b < a and len(a) == 6 and a - b == {(2, 3)}, f"same-order: {len(a)} pairs, {len(b)} of them from the labeler with a tie"
print(f"same-order: {len(a)} pairs and {len(b)}, the tie dropped; no pair contradicts, though the ratings differ by "
      f"{(lenient - strict).min():.0f} to {(lenient - strict).max():.0f}")

both = (strict + lenient) / 2                                                # the best fit to both labelers' ratings
least = np.linalg.lstsq(np.vstack([np.eye(4), np.eye(4)]), np.concatenate([strict, lenient]), rcond=None)[0]
left = regression_loss(both, strict, lenient)
ranked = [ranking_loss(t * both, a) for t in (1, 4, 16)]                     # larger gaps, the same order
assert abs(left - np.mean((lenient - strict) ** 2) / 4) < 1e-12 and ranked[0] > ranked[1] > ranked[2] and ranked[2] < 1e-3, \
    f"conflict: {left:.2f} against {ranked}"
assert abs(least - both).max() < 1e-12, f"least: least squares finds {least}, the mean of the two ratings"
print(f"conflict: regression is left with a loss of {left:.2f}, ranking goes to 0: {ranked[2]:.0e}")

raised = both + 3
claimed = regression_loss(raised, both)                                      # from 0, were they fitted to these ratings
actual = ranking_loss(raised, a) - ranking_loss(both, a)                     # equation 1
print(f"claimed {claimed:.2f}, actual {abs(actual):.2f}: rise of the loss when every score is 3 too high")
assert abs(claimed - 9) < 1e-9 and abs(actual) < 1e-12 and (raised > both).all(), f"not-regression: {abs(actual):.2f}, not {claimed:.2f}"
