"""Refutes: FlashAttention reduces HBM traffic from N^2 to linear. Algorithm 1 is run and its traffic counted."""
import numpy as np

d, Bc, Br = 64, 64, 64                           # fixed by the on-chip memory, whatever N is
rng = np.random.default_rng(0)


def flash(Q, K, V):
    """Algorithm 1 of the paper -> output, elements that crossed the HBM boundary, elements kept in HBM."""
    N, moved = len(Q), 0

    def hbm(x):
        nonlocal moved
        moved += x.size
        return x

    O, l, m = hbm(np.zeros((N, d))), hbm(np.zeros((N, 1))), hbm(np.full((N, 1), -np.inf))
    for j in range(0, N, Bc):
        k, v = hbm(K[j:j + Bc]), hbm(V[j:j + Bc])           # read once
        for i in range(0, N, Br):                           # but all of Q, O, l, m once more for every j
            r = slice(i, i + Br)
            S, w = hbm(Q[r]) @ k.T, hbm(l[r])
            m_new = np.maximum(hbm(m[r]), S.max(1, keepdims=True))
            P, w = np.exp(S - m_new), w * np.exp(m[r] - m_new)
            l[r], m[r] = hbm(w + P.sum(1, keepdims=True)), hbm(m_new)
            O[r] = hbm((w * hbm(O[r]) + P @ v) / l[r])
    return O, moved, l.size + m.size


N, counts, extra = 2048, [], []
for n in (N, 2 * N):
    Q, K, V = rng.standard_normal((3, n, d)) / d ** 0.25
    out, moved, kept = flash(Q, K, V)
    E = np.exp(Q @ K.T)
    assert np.allclose(out, E @ V / E.sum(1, keepdims=True), atol=1e-12), f"still-exact: N = {n}"
    Tc = n // Bc
    assert moved == (3 + 3 * Tc) * n * d + (2 + 4 * Tc) * n, f"traffic-count: {moved} elements, N = {n}"
    counts.append(moved)
    extra.append(kept)
assert extra[1] == 2 * extra[0], f"memory-linear: {extra[1] / extra[0]:.2f} times the extra memory when N doubles"
print(f"memory-linear: {extra[1] / extra[0]:.2f} times the extra memory when N doubles")

claimed, actual = 2.0, counts[1] / counts[0]     # growth of the traffic when N doubles; 2 would be linear
print(f"claimed {claimed:.2f}, actual {actual:.2f}: growth of the HBM traffic from N = {N} to {2 * N}")
assert actual > 1.9 * claimed, f"not-linear-traffic: {actual:.2f} times, tending to 4, not {claimed:.2f}"
