"""Refutes: FlashAttention is faster because it computes less. torch counts the FLOPs of the matrix products."""
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


def linformer(Q, K, V, dO, r=128):               # a real approximation: keys and values projected from N to r rows
    E = torch.randn(r, len(K)) * r ** -0.5
    O, dQ, dK, dV = standard(Q, E @ K, E @ V, dO)
    return O, dQ, E.T @ dK, E.T @ dV


def flops(f, N, d=64):
    torch.manual_seed(0)
    with FlopCounterMode(display=False) as counter:
        f(*(torch.randn(4, N, d) / d ** 0.25))
    return counter.get_total_flops()


data = torch.randn(4, 512, 64, generator=torch.Generator().manual_seed(1)) / 64 ** 0.25
gap = max((a - b).abs().max().item() for a, b in zip(standard(*data), flash(*data)))
assert gap < 1e-4, f"same-work: the two programs differ by {gap}"
N, d = 512, 64
s, f, a = flops(standard, N), flops(flash, N), flops(linformer, N)
assert s == 12 * N * N * d and f == 14 * N * N * d, f"flops-count: {s} and {f}"
claimed, actual = a / s, f / s                   # FLOPs relative to standard attention
grow = [flops(g, 2 * N) / flops(g, N) for g in (flash, linformer)]
assert grow == [4, 2], f"not-linear: {grow[0]:.2f} times the FLOPs when N doubles, {grow[1]:.2f} for the approximation"
print(f"not-linear: {grow[0]:.2f} times the FLOPs when N doubles, {grow[1]:.2f} times for the approximation")
S, F = (x * 2**2 * 16 * 64 / 1e9 for x in (s, f))     # GPT-2 medium: N = 1024, 16 heads, batch 64
speed = {ms: F / ms for ms in (7.3, 11.7)}            # GFLOPs / ms = TFLOPs/s, runtimes of the paper's two versions
assert [f"{x:.0f}" for x in (S, F, *speed.values())] == ["825", "962", "132", "82"], f"flops-gpt2: {S}, {F}, {speed}"
times = [f"{x:.1f}" for x in (S / 66.6, F / 75.2)]    # the paper's figure prints 66.6 and 75.2 GFLOPs
assert times == ["12.4", "12.8"], f"flops-printed: {times} times the figures of the paper"
print(f"flops-gpt2: {S:.0f} and {F:.0f} GFLOPs, {times[0]} and {times[1]} times the 66.6 and 75.2 of the paper")
print("flops-gpt2:", *(f"{ms} ms is {x:.0f} TFLOPs/s, {x / 312:.0%} of peak;" for ms, x in speed.items()))
again, reread = 2 * 128 / 312e12, 2 * 2 / 1555e9       # seconds an element: S again (d = 128), P written and read
assert 3 * again < reread < 3.2 * again, f"recompute-cheap: {again * 1e12:.2f} and {reread * 1e12:.2f} ps"
print(f"recompute-cheap: {again * 1e12:.1f} ps to compute S again, {reread * 1e12:.1f} ps to write and read P")
print(f"claimed {claimed:.2f}, actual {actual:.2f}: FLOPs, forward and backward, relative to standard attention")
assert claimed < 1 < actual and f"{actual:.2f}" == "1.17", f"not-fewer-flops: {actual:.2f} times, not {claimed:.2f}"
