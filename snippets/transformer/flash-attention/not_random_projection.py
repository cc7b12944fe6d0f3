"""Refutes: FlashAttention approximates attention by random projection. PyTorch's flash kernel is run."""
import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

torch.manual_seed(0)
N, d, r = 1536, 64, 128                          # N: three key blocks of the CPU kernel; r: features, or rows kept
Q, K = torch.randn(2, N, d, dtype=torch.float64) * d ** -0.25    # the scale 1 / sqrt(d) is shared
P = (Q @ K.T).softmax(-1)                        # (N, N) the exact attention matrix
I = torch.eye(N, dtype=P.dtype)                  # V = I makes every method return the matrix it applies


def performer(V, Q=Q, K=K, r=r):                 # FAVOR+ with positive random features (iid rows)
    W = torch.randn(r, d, dtype=Q.dtype)         # the random projection
    phi = lambda x: torch.exp(x @ W.T - x.square().sum(-1, keepdim=True) / 2)    # (N, r)
    q, k = phi(Q), phi(K)
    return q @ (k.T @ V) / (q @ k.sum(0)[:, None])


def linformer(V, E):                             # keys and values projected along the sequence by E (r, N)
    return (Q @ (E @ K).T).softmax(-1) @ (E @ V)


def flash(V):                                    # PyTorch's flash kernel, d columns of V at a time, as N / d heads
    q, k = (x.expand(1, N // d, N, d) for x in (Q, K))
    v = V.view(N, N // d, d).transpose(0, 1)[None].requires_grad_(True)  # (1, N / d, N, d)
    with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
        out = F.scaled_dot_product_attention(q, k, v, scale=1.0)
    assert "Flash" in type(out.grad_fn).__name__, "flash-kernel: no other kernel may answer"
    return out[0].detach().transpose(0, 1).reshape(N, N)


q = torch.randn(32, d, dtype=P.dtype) / 6        # short queries, and short keys of all lengths
k = torch.randn(64, d, dtype=P.dtype) / 6 * torch.linspace(0, 1, 64, dtype=P.dtype)[:, None]
exact = (q @ k.T).softmax(-1)
gap = ((performer(I[:64, :64], q, k, r=2**15) - exact).norm() / exact.norm()).item()
assert gap < 0.05, f"unbiased: many random features must come near the softmax, relative gap {gap:.2f}"
error = lambda X: ((X - P).norm() / P.norm()).item()
lossless = error(linformer(I, I.flip(0)))        # a permutation of the keys and values loses nothing
assert lossless < 1e-14, f"linformer-limit: without a projection the exact matrix must come out, gap {lossless:.0e}"
applied = flash(I)
sigma = torch.linalg.svdvals(applied)            # singular values of the matrix that the kernel applies
rank = (sigma > sigma[0] * N * torch.finfo(P.dtype).eps).sum().item()
assert rank == N, f"full-rank: rank {rank} of {N}"
print(f"full-rank: the matrix that the flash kernel applies has rank {rank} of {N}")
tail = (sigma[r:].norm() / sigma.norm()).item()  # Eckart-Young: no matrix of rank r is closer
energy = (sigma[:r].square().sum() / applied.square().sum()).item()
assert abs(tail ** 2 + energy - 1) < 1e-9, f"energy: the first {r} singular values hold {energy:.2f} of the squared norm"
draws = [error(performer(I)) for _ in range(4)]
draws += [error(linformer(I, torch.randn(r, N, dtype=P.dtype) * r ** -0.5)) for _ in range(4)]
assert 0.415 < tail < 0.425 and tail <= min(draws), f"rank-bound: {min(draws):.2f} must not beat the best rank {r}, {tail:.2f}"
print(f"rank-bound: every method of rank {r} errs by at least {tail:.2f}; the {len(draws)} draws all err more")

claimed, actual = tail, error(applied)
print(f"claimed at least {claimed:.2f}, actual below 1e-14: {actual < 1e-14}")
assert actual < 1e-14 < claimed, f"not-approximate: any rank {r} errs by {claimed:.2f}, FlashAttention by {actual:.0e}"
