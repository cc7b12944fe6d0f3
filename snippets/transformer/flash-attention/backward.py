"""Backward by recomputation: only Q, K, V, O and the logsumexp L survive the forward pass."""
import torch
from torch.utils._python_dispatch import TorchDispatchMode

torch.manual_seed(0)
N, d, B = 384, 64, 128
tau = d ** -0.5                                  # softmax scale
Q, K, V = (torch.randn(N, d, dtype=torch.float64, requires_grad=True) for _ in range(3))
dO = torch.randn(N, d, dtype=torch.float64)


class Largest(TorchDispatchMode):                # size of the largest tensor that any operation returns
    numel = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for x in filter(torch.is_tensor, out if isinstance(out, (tuple, list)) else (out,)):
            self.numel = max(self.numel, x.numel())
        return out


S = tau * Q @ K.T                                # oracle: autograd through the N x N matrix
P = S.softmax(-1)
O = P @ V
with Largest() as full:
    grads = torch.autograd.grad(O, (Q, K, V), dO)
L = S.logsumexp(-1).detach()                     # (N,) one number a row


# --8<-- [start:backward]
@torch.no_grad()
def flash_backward(Q, K, V, O, L, dO):
    dQ, dK, dV = (torch.zeros_like(x) for x in (Q, K, V))
    D = (dO * O).sum(-1)                         # (N,) replaces a row sum over N entries of P * dP
    for j in range(0, N, B):                     # one worker per block of K, V
        c = slice(j, j + B)
        for i in range(0, N, B):
            r = slice(i, i + B)
            P = torch.exp(tau * Q[r] @ K[c].T - L[r, None])    # (B, B) 1: recomputed, exact
            dV[c] += P.T @ dO[r]                               # 2
            dP = dO[r] @ V[c].T                                # 3
            dS = P * (dP - D[r, None])
            dQ[r] += tau * dS @ K[c]             # 4: shared by all j, atomicAdd on the GPU
            dK[c] += tau * dS.T @ Q[r]           # 5
    return dQ, dK, dV
# --8<-- [end:backward]


with Largest() as flash:
    mine = flash_backward(Q, K, V, O, L, dO)
worst = max((a - b).abs().max().item() for a, b in zip(mine, grads))
assert worst < 1e-12, f"grads-exact: worst gap to autograd {worst:.1e}"
print("grads-exact: dQ, dK, dV within 1e-12 of autograd")
assert flash.numel == N * d < N * N == full.numel, f"no-matrix: {flash.numel} elements, autograd makes {full.numel}"
print(f"no-matrix: the largest tensor made on the way has {flash.numel} elements (N d), in autograd {full.numel} (N N)")

with torch.no_grad():
    gap = ((dO * O).sum(-1) - (P * (dO @ V.T)).sum(-1)).abs().max().item()
    rows = torch.exp(tau * Q @ K.T - L[:, None]).sum(-1)
assert gap < 1e-12, "d-identity: rowsum(dO * O) must equal rowsum(P * dP)"
assert (rows - 1).abs().max() < 1e-12, "lse-enough: exp(S - L) must already be normalized"
print("d-identity: rowsum(dO * O) equals rowsum(P * dP)")
print("lse-enough: exp(S - L) has row sums 1, so max and sum need not be kept apart")
