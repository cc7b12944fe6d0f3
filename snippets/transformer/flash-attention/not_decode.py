"""Refutes: FlashAttention speeds up one-token decoding as much as prefill. Counts HBM elements."""
import numpy as np

d, B, N = 64, 384, 4096                          # B = Bc of Algorithm 1 for d = 64 and 192 KB
rng = np.random.default_rng(0)
K, V = rng.standard_normal((2, N, d))
moved = 0


def hbm(x):                                      # x crosses the HBM boundary, in either direction
    global moved
    moved += x.size
    return x


def standard(Q):                                 # three kernels; S and P go through HBM
    S = hbm(hbm(Q) @ hbm(K).T)
    S = hbm(S)
    P = np.exp(S - S.max(1, keepdims=True))
    P = hbm(P / P.sum(1, keepdims=True))
    return hbm(hbm(P) @ hbm(V))


def flash(Q):                                    # Algorithm 1: one pass over Q, O, l, m per K, V block
    n = len(Q)
    O, l, m = hbm(np.zeros((n, d))), hbm(np.zeros((n, 1))), hbm(np.full((n, 1), -np.inf))
    for j in range(0, N, B):
        S = hbm(Q) @ hbm(K[j:j + B]).T
        m_new = np.maximum(hbm(m), S.max(1, keepdims=True))
        P, w = np.exp(S - m_new), np.exp(m - m_new) * hbm(l)
        l = hbm(w + P.sum(1, keepdims=True))
        O, m = hbm((w * hbm(O) + P @ hbm(V[j:j + B])) / l), hbm(m_new)
    return O


def gain(queries):
    global moved
    Q, counts, outs = rng.standard_normal((queries, d)) / 8, [], []    # 8 = sqrt(d)
    for f in (standard, flash):
        moved = 0
        outs.append(f(Q))
        counts.append(moved)
    assert np.allclose(*outs), f"same-output: {queries} queries"
    n, T = queries, -(-N // B)
    expected = [2 * (n + N) * d + 4 * n * N, 2 * N * d + (1 + 3 * T) * n * d + (2 + 4 * T) * n]
    assert counts == expected, f"traffic-count: {counts}, {queries} queries"
    return counts[0] / counts[1], counts


claimed, prefill = gain(N)                       # the gain with N queries, taken over to decoding
actual, decode = gain(1)                         # one query against the KV cache
kv = 2 * N * d / decode[0]
assert 0.965 < kv < 0.975, f"kv-bound: {kv:.0%} of the traffic is the KV cache"
print(f"kv-bound: {kv:.0%} of the standard decoding traffic is reading K and V")
print(f"claimed {claimed:.2f}, actual {actual:.2f}: standard / FlashAttention traffic, N = {N}, d = {d}")
assert claimed > 7 > 1.05 > actual, f"not-same-gain: {claimed:.1f} times with N queries, {actual:.2f} times with one"
