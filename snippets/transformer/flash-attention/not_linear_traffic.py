"""Refutes: FlashAttention reduces HBM traffic from N^2 to linear. Algorithm 1 is run and its traffic counted."""
import tracemalloc
import numpy as np

d, Bc, Br = 64, 64, 64                           # fixed by the on-chip memory, whatever N is
rng = np.random.default_rng(0)


def flash(Q, K, V):
    """Algorithm 1 of the paper -> output, elements that crossed the HBM boundary."""
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
    return O, moved


def peak(f, *args):
    """-> result, bytes allocated at the worst moment of the call, the output included."""
    tracemalloc.start()
    out = f(*args)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return out, most


def whole(Q, K, V):                                         # with the N x N matrix
    E = np.exp(Q @ K.T)
    return E @ V / E.sum(1, keepdims=True)


N, counts, memory = 2048, [], []
for n in (N, 2 * N):
    Q, K, V = rng.standard_normal((3, n, d)) / d ** 0.25
    ((out, moved), used), (exact, used_whole) = peak(flash, Q, K, V), peak(whole, Q, K, V)
    assert np.allclose(out, exact, atol=1e-12), f"still-exact: N = {n}"
    Tc = n // Bc
    assert moved == (3 + 3 * Tc) * n * d + (2 + 4 * Tc) * n, f"traffic-count: {moved} elements, N = {n}"
    counts.append(moved)
    memory.append((used, used_whole))
grow, grow_whole = (b / a for a, b in zip(*memory))
assert grow <= 2 < 3.9 < grow_whole, f"memory-linear: {grow:.2f} times the peak memory, {grow_whole:.2f} with the matrix"
print(f"memory-linear: {grow:.1f} times the peak memory when N doubles, {grow_whole:.1f} times with the whole matrix")

claimed, actual = 2 * N / N, counts[1] / counts[0]     # growth of the traffic when N doubles: were it linear; counted
print(f"claimed {claimed:.2f}, actual {actual:.2f}: growth of the HBM traffic from N = {N} to {2 * N}")
assert claimed == 2 and 1.9 * claimed < actual < 4, f"not-linear-traffic: {actual:.2f}, near 4, not {claimed:.2f}"
