"""Three filters for generated text: ROUGE-L below 0.7, MinHash for near duplicates, 13-grams against the test set."""
from itertools import permutations

# --8<-- [start:filters]
def rouge_l(a, b):                                       # F1 of the longest common subsequence
    a, b = a.split(), b.split()
    L = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            L[i + 1][j + 1] = L[i][j] + 1 if x == y else max(L[i][j + 1], L[i + 1][j])
    return 2 * L[-1][-1] / (len(a) + len(b))


def ngrams(text, n=13):
    words = text.lower().split()
    return {tuple(words[i:i + n]) for i in range(len(words) - n + 1)}
# --8<-- [end:filters]


pool = "write a short poem about the autumn moon"
near = "write a short poem about the winter moon"
paraphrase = "compose a few verses on the moon in autumn"
scores = {t: rouge_l(pool, t) for t in (near, paraphrase)}
assert abs(scores[near] - 2 * 7 / 16) < 1e-12 and abs(scores[paraphrase] - 2 * 3 / 17) < 1e-12 \
    and abs(rouge_l("x y x", "z x") - 2 / 5) < 1e-12, f"rouge-f1: {scores}"   # one word in common, 3 + 2 words
assert scores[near] > 0.7 > scores[paraphrase], f"rouge: {[round(s, 2) for s in scores.values()]}"
print(f"rouge: {scores[near]:.2f} for one word changed, rejected; {scores[paraphrase]:.2f} for a paraphrase, accepted")

A, B = {0, 1, 2, 3, 4}, {2, 3, 4, 5, 6}                  # shingles of two documents, out of 7
jaccard = len(A & B) / len(A | B)
orders = list(permutations(A | B))                       # every order of the universe, not a sample
hits = sum(min(A, key=o.__getitem__) == min(B, key=o.__getitem__) for o in orders)
assert hits / len(orders) == jaccard, f"minhash: {hits} of {len(orders)} orders agree, Jaccard {jaccard:.3f}"
print(f"minhash: in {hits} of all {len(orders)} orders the two minima agree, exactly the Jaccard similarity {jaccard:.3f}")

test = "a train leaves at nine and travels sixty miles per hour how far does it get by noon"
copied = "homework page seven " + test + " please show your work"
reworded = "departing at nine a train going sixty miles each hour has covered what distance when it is noon"
overlap = {t: len(ngrams(test) & ngrams(t)) for t in (copied, reworded)}
assert overlap[copied] == len(ngrams(test)) == 6 and overlap[reworded] == 0, f"ngram: {list(overlap.values())}"
print(f"ngram: {overlap[copied]} shared 13-grams for a copy, {overlap[reworded]} for the same question reworded")
