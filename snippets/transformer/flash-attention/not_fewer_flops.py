"""Refutes: FlashAttention reduces the computation (linear time). torch counts the matrix products."""
import torch
from torch.utils.flop_counter import FlopCounterMode


def standard(Q, K, V, dO):
    P = (Q @ K.T).softmax(-1)
    O = P @ V                                    # forward: 2 products
    dV, dP = P.T @ dO, dO @ V.T                  # backward: 4 products
    dS = P * (dP - (P * dP).sum(-1, keepdim=True))
    return O, dS @ K, dS.T @ Q, dV


def flash(Q, K, V, dO, B=128):
    N, d = Q.shape
    O, L = torch.zeros_like(Q), torch.zeros(N, 1)
    dQ, dK, dV = (torch.zeros_like(Q) for _ in range(3))
    blocks = [slice(i, i + B) for i in range(0, N, B)]
    for r in blocks:
        m, l, o = torch.full((B, 1), -torch.inf), 0, 0
        for c in blocks:                         # forward: 2 products a pair of blocks
            S = Q[r] @ K[c].T
            m_new = torch.maximum(m, S.amax(-1, keepdim=True))
            w, p = torch.exp(m - m_new), torch.exp(S - m_new)
            m, l, o = m_new, w * l + p.sum(-1, keepdim=True), w * o + p @ V[c]
        O[r], L[r] = o / l, m + l.log()
    D = (dO * O).sum(-1, keepdim=True)
    for c in blocks:
        for r in blocks:                         # backward: 5 products, S is computed again
            P = torch.exp(Q[r] @ K[c].T - L[r])
            dS = P * (dO[r] @ V[c].T - D[r])
            dV[c] += P.T @ dO[r]
            dQ[r] += dS @ K[c]
            dK[c] += dS.T @ Q[r]
    return O, dQ, dK, dV


def linear(Q, K, V, dO):                         # what "linear" would mean: no N x N product at all
    return (Q.exp() @ (K.exp().T @ V),)          # forward of a kernelized attention


def flops(f, N, d=64):
    torch.manual_seed(0)
    with FlopCounterMode(display=False) as counter:
        f(*(torch.randn(4, N, d) / d ** 0.25))
    return counter.get_total_flops()


data = torch.randn(4, 512, 64, generator=torch.Generator().manual_seed(1)) / 64 ** 0.25
gap = max((a - b).abs().max().item() for a, b in zip(standard(*data), flash(*data)))
assert gap < 1e-4, f"same-work: the two programs differ by {gap}"
N, d = 512, 64
s, f = flops(standard, N), flops(flash, N)
assert s == 12 * N * N * d and f == 14 * N * N * d, f"flops-ratio: {s} and {f}"
print(f"flops-ratio: standard 12 N^2 d, FlashAttention 14 N^2 d, {f / s:.2f} times as many")
s, f = (x * 2**2 * 16 * 64 / 1e9 for x in (s, f))   # GPT-2 medium: N = 1024, 16 heads, batch 64
assert 12 < s / 66.6 < 13 and f / 7.3 < 312, f"flops-gpt2: {s:.0f} and {f:.0f} GFLOPs, not 66.6 and 75.2"
print(f"flops-gpt2: {s:.0f} and {f:.0f} GFLOPs, {s / 66.6:.1f} times the 66.6 printed in the paper; "
      f"{f:.0f} GFLOPs in 7.3 ms are {f / 7.3:.0f} TFLOPs/s")
ridge, intensity = 312e12 / 1555e9, (s / 25.2, f / 4.6)      # A100 40 GB data sheet; GB from hbm_traffic.py
assert intensity[0] < ridge / 5 and intensity[1] > 0.9 * ridge, f"roofline: {intensity}, ridge {ridge}"
print(f"roofline: {intensity[0]:.0f} and {intensity[1]:.0f} FLOPs a byte, the A100 balances at {ridge:.0f}")

claimed = flops(linear, 2 * N) / flops(linear, N)          # growth of a linear method
actual = flops(flash, 2 * N) / flops(flash, N)             # growth of FlashAttention
print(f"claimed {claimed:.2f}, actual {actual:.2f}: growth of FLOPs when N doubles")
assert actual - claimed > 1, f"not-linear: {actual:.2f} times the FLOPs when N doubles, not {claimed:.2f}"
