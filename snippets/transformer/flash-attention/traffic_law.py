"""How HBM traffic and saved memory grow with N: bytes from shapes, traffic from Algorithm 1's loops."""
from math import ceil
import matplotlib.pyplot as plt
import numpy as np

M = 192 * 1024 // 2                              # fp16 elements on chip, one A100 SM


def standard_forward(N, d):                      # Algorithm 0: write S, read S, write P, read P
    return 4 * N * N + 4 * N * d


def flash_forward(N, d, M=M):                    # Algorithm 1: Tc passes over Q, O (read, write), l, m
    Tc = ceil(N / ceil(M / (4 * d)))
    return (3 + 3 * Tc) * N * d + (2 + 4 * Tc) * N


def saved_bytes(N, heads=32, d=128):             # LLaMA-2-7B, one layer, one sample
    of = lambda dtype, *shape: np.broadcast_to(dtype(0), shape).nbytes   # a shape, no memory
    return of(np.float16, heads, N, N), of(np.float16, heads, N, d), of(np.float32, heads, N)


P, O, L = (b / 2**20 for b in saved_bytes(4096))
assert (P, O, L) == (1024, 32, 0.5), f"llama: P {P} MiB, O {O} MiB, logsumexp {L} MiB"
print(f"llama: P = {P / 1024:.0f} GiB, O = {O:.0f} MiB, logsumexp = {L} MiB per layer and sample; "
      f"32 layers: P = {32 * P / 1024:.0f} GiB")

big = 2**20
grow = [f(2 * big, 64) / f(big, 64) for f in (standard_forward, flash_forward)]
assert min(grow) > 3.99, f"still-quadratic: {grow} when N doubles"
print(f"still-quadratic: {grow[0]:.2f} and {grow[1]:.2f} times the traffic when N doubles")
half = flash_forward(big, 64, M // 2) / flash_forward(big, 64)
assert 1.95 < half < 2.05, f"sram-law: {half:.2f} times the traffic with half the SRAM"
print(f"sram-law: {half:.2f} times the traffic with half the SRAM")
gain = {d: standard_forward(big, d) / flash_forward(big, d) for d in (64, 128, 256)}
assert gain[64] > 3.5 * gain[128] > 12 * gain[256], "head-dim: the gain must fall like 1/d^2"
print("head-dim: standard / FlashAttention forward traffic", {d: round(g, 1) for d, g in gain.items()})

Ns = [2**k for k in range(9, 18)]
fig, (a, b) = plt.subplots(1, 2, figsize=(8.6, 3.4))
saved = [saved_bytes(n) for n in Ns]
a.loglog(Ns, [p / 2**30 for p, _, _ in saved], "-o", ms=3, color="#d9622b", label="P (standard)")
a.loglog(Ns, [(o + l) / 2**30 for _, o, l in saved], "-s", ms=3, color="#2a8fbd",
         label="O + logsumexp (FlashAttention)")
a.set(title="Kept for backward: slope 2 vs 1", xlabel="sequence length N", ylabel="GiB per layer and sample")
b.loglog(Ns, [2 * standard_forward(n, 64) / 1e9 for n in Ns], "-o", ms=3, color="#d9622b", label="standard, d=64")
for d, style in ((128, "--"), (64, "-")):
    b.loglog(Ns, [2 * flash_forward(n, d) / 1e9 for n in Ns], style, color="#2a8fbd", label=f"FlashAttention, d={d}")
b.set(title="Forward HBM traffic: slope 2 both", xlabel="sequence length N", ylabel="GB per head")
for ax in (a, b):
    ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("growth.svg", transparent=True)
