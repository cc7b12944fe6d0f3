"""Refutes: word-level edits keep the label. Every deletion and every swap of one sentence, enumerated, against an oracle."""
from itertools import combinations, product

POLARITY = {"good": 1, "bad": -1}


def label(words):
    """The oracle: +1, -1, or None where no opinion is left. `not` flips the opinion words after it."""
    sign, score = 1, 0
    for w in words:
        sign = -sign if w == "not" else sign
        score += sign * POLARITY.get(w, 0)
    return (score > 0) - (score < 0) or None


# --8<-- [start:edits]
def deletions(words, p):                                 # EDA's random deletion: each word goes with probability p
    for keep in product((True, False), repeat=len(words)):
        weight = 1.0
        for k in keep:
            weight *= 1 - p if k else p
        yield weight, [w for w, k in zip(words, keep) if k]


def swaps(words):                                        # EDA's random swap: two positions, all pairs equally likely
    pairs = list(combinations(range(len(words)), 2))
    for i, j in pairs:
        new = list(words)
        new[i], new[j] = new[j], new[i]
        yield 1 / len(pairs), new


def changed(edits, before):                              # probability that the label flips
    return sum(w for w, s in edits if label(s) == -before)
# --8<-- [end:edits]


text = "the battery is not good but the screen is bright".split()
plain = "the battery is good and the screen is bright".split()
y = label(text)
assert (y, label(plain)) == (-1, 1), "oracle: the two sentences have opposite labels"
assert abs(sum(w for w, _ in deletions(text, 0.1)) - 1) < 1e-12, "enumerated: the probabilities sum to 1"
rate = {p: changed(deletions(text, p), y) for p in (0.05, 0.1, 0.3)}
assert abs(rate[0.1] - 0.09) < 1e-9, f"deletion: {rate[0.1]:.2%} of the copies say the opposite at p = 0.1"
print(f"deletion: of {2 ** len(text)} outcomes, weighted, {rate[0.05]:.2%}, {rate[0.1]:.1%} and {rate[0.3]:.0%} of the copies say the opposite at p = 0.05, 0.1, 0.3")
assert changed(deletions(plain, 0.1), 1) == 0, "no-negation: without `not` no deletion flips the label"
print("no-negation: without the word not, no deletion flips the label: 0%")
lost = sum(w for w, s in deletions(plain, 0.1) if label(s) is None)
assert abs(lost - 0.1) < 1e-9, f"lost: {lost:.0%} of the copies have no opinion left"
print(f"lost: but {lost:.0%} of those copies lose their only opinion word at p = 0.1, so no label is right")
swap = changed(swaps(text), y)                           # by hand: not goes behind good (6 pairs), or good before not (3)
assert abs(swap - (6 + 3) / 45) < 1e-12, f"swap: {swap:.1%} of the swaps flip the label"
print(f"swap: {swap:.1%} of the swaps flip the label")

claimed = changed(deletions(plain, 0.1), 1)              # what holds for a sentence without negation
actual = rate[0.1]
print(f"claimed {claimed:.2f}, actual {actual:.2f}: share of deleted copies with the opposite label")
assert claimed == 0 and actual > 0.05, f"not-label-free: {actual:.2f} of the copies carry the wrong label"
