"""Online softmax: summarize each block of one attention row, then merge the summaries."""
import numpy as np

rng = np.random.default_rng(0)
N, d, B = 1000, 64, 128
s = 30 * rng.standard_normal(N)              # (N,)   scores of one query against N keys
V = rng.standard_normal((N, d))              # (N, d) values


# --8<-- [start:merge]
def summarize(s, V):
    """One block -> (m, l, o): max, sum of exponentials, unnormalized output."""
    m = s.max()
    p = np.exp(s - m)                        # (B,)
    return m, p.sum(), p @ V                 # scalar, scalar, (d,)


def merge(a, b):
    """Bring both summaries to the common maximum, then add."""
    (ma, la, oa), (mb, lb, ob) = a, b
    m = max(ma, mb)
    wa, wb = np.exp(ma - m), np.exp(mb - m)
    return m, wa * la + wb * lb, wa * oa + wb * ob


def attend(s, V):
    """A left fold over the blocks: the inner loop of FlashAttention."""
    state = (-np.inf, 0.0, np.zeros(d))      # merge(state, x) == x
    for j in range(0, len(s), B):
        state = merge(state, summarize(s[j:j + B], V[j:j + B]))
    m, l, o = state
    return o / l, m + np.log(l)              # output row, logsumexp
# --8<-- [end:merge]


row, nothing = np.array([1.0, 2, 4, 3]), np.zeros((4, 1))      # the whiteboard example: scores [1, 2 | 4, 3]
one, two = (summarize(row[c], nothing[c]) for c in (slice(2), slice(2, 4)))
both, l = merge(one, two), np.exp(row - 4).sum()
assert (one[0], two[0], both[0]) == (2, 4, 4) and abs(both[1] - l) < 1e-15, f"whiteboard: {both[1]:.3f}, not {l:.3f}"
print(f"whiteboard: block 1 m = {one[0]:.0f}, l = {one[1]:.3f}; block 2 m = {two[0]:.0f}, l = {two[1]:.3f}; "
      f"merged m = {both[0]:.0f}, l = {both[1]:.3f}")

p = np.exp((s - s.max()).astype(np.longdouble))              # oracle: the whole row at once
exact, exact_lse = p @ V / p.sum(), s.max() + np.log(p.sum())
out, lse = attend(s, V)
blocks = -(-N // B)
assert np.abs(out - exact).max() < 1e-13 and abs(lse - exact_lse) < 1e-13, \
    f"blocks-exact: {blocks} blocks must give the softmax of the whole row"
print(f"blocks-exact: {blocks} blocks, output and logsumexp within 1e-13 of the whole row")

parts = [summarize(s[j:j + B], V[j:j + B]) for j in range(0, N, B)]
rng.shuffle(parts)                                           # any order,
while len(parts) > 1:                                        # merged as a tree: split-KV decoding
    parts = [merge(*parts[i:i + 2]) if i + 1 < len(parts) else parts[i]
             for i in range(0, len(parts), 2)]
m, l, o = parts[0]
assert np.abs(o / l - exact).max() < 1e-13, "any-order: merging must not depend on the order"
print("any-order: a shuffled tree of merges gives the same row")

with np.errstate(over="ignore"):
    naive = np.exp(s + 1000)
assert np.isinf(naive).any(), "overflow-naive: exp without the max should overflow"
assert np.abs(attend(s + 1000, V)[0] - exact).max() < 1e-9, "overflow-safe: the shift must cancel"
print("overflow-safe: scores + 1000 give the same row, while exp(scores + 1000) is inf")

parts = [summarize(s[j:j + B], V[j:j + B]) for j in range(0, N, B)]
local = sum(o for _, _, o in parts) / sum(l for _, l, _ in parts)    # forgets exp(m_block - m)
error = np.linalg.norm(local - exact) / np.linalg.norm(exact)
assert 0.5 < error < 1, "rescale-needed: without the rescaling the blocks do not add up"
print(f"rescale-needed: relative error {error:.2f} when the factor exp(m_block - m) is left out")
