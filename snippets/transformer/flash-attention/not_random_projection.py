"""Refutes: FlashAttention approximates attention by random projection or dimension reduction."""
import torch

torch.manual_seed(0)
N, d, r, B = 512, 64, 128, 128                   # r: random features, or dimension kept
Q, K = torch.randn(2, N, d, dtype=torch.float64) * d ** -0.25    # the scale 1 / sqrt(d) is shared
P = (Q @ K.T).softmax(-1)                        # (N, N) the exact attention matrix
I = torch.eye(N, dtype=P.dtype)                  # V = I makes every method return its own matrix


def performer(V):                                # FAVOR+ with positive random features (iid rows)
    W = torch.randn(r, d, dtype=Q.dtype)         # the random projection
    phi = lambda x: torch.exp(x @ W.T - x.square().sum(-1, keepdim=True) / 2)    # (N, r)
    q, k = phi(Q), phi(K)
    return q @ (k.T @ V) / (q @ k.sum(0)[:, None])


def linformer(V):                                # keys and values projected along the sequence, N -> r
    E = torch.randn(r, N, dtype=Q.dtype) * r ** -0.5
    return (Q @ (E @ K).T).softmax(-1) @ (E @ V)


def flash(V):                                    # the online softmax of FlashAttention
    m, l, o = torch.full((N, 1), -torch.inf), 0, 0
    for j in range(0, N, B):
        S = Q @ K[j:j + B].T
        m_new = torch.maximum(m, S.amax(-1, keepdim=True))
        w, p = torch.exp(m - m_new), torch.exp(S - m_new)
        m, l, o = m_new, w * l + p.sum(-1, keepdim=True), w * o + p @ V[j:j + B]
    return o / l


error = lambda X: ((X - P).norm() / P.norm()).item()
tail = torch.linalg.svdvals(P)[r:].norm() / P.norm()         # Eckart-Young: no rank-r matrix is closer
draws = [error(f(I)) for f in (performer, linformer) for _ in range(10)]
assert min(draws) >= tail, f"rank-bound: {min(draws):.2f} must not beat the best rank {r}"
print(f"rank-bound: every rank-{r} method errs by at least {tail:.2f}; the 20 draws all err more")
rank = torch.linalg.matrix_rank(flash(I)).item()
assert rank == N, f"full-rank: rank {rank} of {N}"
print(f"full-rank: the matrix that FlashAttention applies has rank {rank} of {N}")

claimed, actual = tail.item(), error(flash(I))
print(f"claimed at least {claimed:.2f}, actual below 1e-14: {actual < 1e-14}")
assert claimed > 1e6 * actual, \
    f"not-approximate: any approximation of rank {r} errs by {claimed:.2f}, FlashAttention by rounding"
