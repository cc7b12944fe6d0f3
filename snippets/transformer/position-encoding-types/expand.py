"""Four terms of a score with absolute positions; how Transformer-XL and Shaw et al. make them relative."""
import math
import torch

torch.manual_seed(0)
n, d, clip = 12, 16, 4
E = torch.randn(n, d, dtype=torch.float64)                                     # token embeddings
W_q, W_k, W_kR, W_v = torch.randn(4, d, d, dtype=torch.float64) / d ** 0.5
i, j = torch.arange(n)[:, None], torch.arange(n)[None]


def sinusoid(p):                                                               # ..., -> ..., d
    angle = p[..., None] / 10000 ** (torch.arange(0, d, 2, dtype=torch.float64) / d)
    return torch.stack((angle.sin(), angle.cos()), -1).flatten(-2)


# --8<-- [start:scores]
def absolute(E):
    """a: content-content, b: content-position, c: position-content, d: position-position."""
    U = sinusoid(torch.arange(n))                                              # n, d
    q, k, q_U, k_U = E @ W_q, E @ W_k, U @ W_q, U @ W_k
    return q @ k.T, q @ k_U.T, q_U @ k.T, q_U @ k_U.T


def transformer_xl(E, u, v):
    """U_j becomes R_{i-j} with its own matrix; U_i W_q becomes u and v, the same for all queries."""
    R = sinusoid(i - j) @ W_kR                                                 # n, n, d
    q, k = E @ W_q, E @ W_k
    return q @ k.T, torch.einsum("id,ijd->ij", q, R), (k @ u).expand(n, n), R @ v


def shaw(E, w_K, w_V):
    """One vector per clipped offset, added to keys and to values."""
    offset = (j - i).clamp(-clip, clip) + clip                                 # n, n: rows of the tables, 2 clip + 1
    K = (E @ W_k)[None] + w_K[offset]                                          # n, n, d: a key for each pair
    V = (E @ W_v)[None] + w_V[offset]
    S = torch.einsum("id,ijd->ij", E @ W_q, K) / d ** 0.5
    return S, torch.einsum("ij,ijd->id", S.softmax(-1), V)
# --8<-- [end:scores]


whole = (E + sinusoid(torch.arange(n))) @ W_q @ ((E + sinusoid(torch.arange(n))) @ W_k).T
assert (sum(absolute(E)) - whole).abs().max() < 1e-10, "four-terms: they add up to the score"
print("four-terms: the four terms of E + U add up to its score")
u, v = torch.randn(2, d, dtype=torch.float64)
w_K, w_V = torch.randn(2, 2 * clip + 1, d, dtype=torch.float64)
S_XL, (S, O) = sum(transformer_xl(E, u, v)), shaw(E, w_K, w_V)
for query in range(n):                                                         # pair by pair, as the papers write it
    pairs, q = [], E[query] @ W_q
    for key in range(n):
        r = [f((query - key) / 10000 ** (2 * m / d)) for m in range(d // 2) for f in (math.sin, math.cos)]
        k, k_R = E[key] @ W_k, torch.tensor(r, dtype=torch.float64) @ W_kR
        assert abs(S_XL[query, key] - (q + u) @ k - (q + v) @ k_R) < 1e-10, f"transformer-xl: {query}, {key}"
        row = clip + max(-clip, min(clip, key - query))
        pairs.append((q @ (k + w_K[row]) / math.sqrt(d), E[key] @ W_v + w_V[row]))
    weights = torch.stack([s for s, _ in pairs]).softmax(0)
    assert (O[query] - sum(w * value for w, (_, value) in zip(weights, pairs))).abs().max() < 1e-10, f"shaw: {query}"
same = E[:1].expand(n, d)                                                      # one token, repeated
uneven = lambda S: max((S.diagonal(k).max() - S.diagonal(k).min()).item() for k in range(-n, n) if abs(k) < n)
before, after, tables = uneven(sum(absolute(same))), uneven(sum(transformer_xl(same, u, v))), uneven(shaw(same, w_K, w_V)[0])
assert before > 0.1 and max(after, tables) < 1e-10, f"relative: {before:.2f}, {after:.0e}, {tables:.0e}"
print("relative: at one offset the absolute scores differ, those of Transformer-XL and Shaw et al. do not")
apart, alike = (torch.pdist(shaw(same, w_K, values)[1]) for values in (w_V, torch.zeros_like(w_V)))
assert apart.min() > 1e-3 and alike.max() < 1e-10, f"values: {apart.min():.4f}, {alike.max():.0e}"
print("values: added to the values it tells repeated tokens apart; added to the keys alone it does not")
