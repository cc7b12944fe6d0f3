"""How HBM traffic and saved memory grow with N: closed forms, checked by running the loops."""
from math import ceil
import matplotlib.pyplot as plt
import numpy as np

M = 192 * 1024 // 2                              # fp16 elements on chip, one A100 SM: 192 KB


# --8<-- [start:law]
def standard_forward(N, d):                      # Algorithm 0: write S, read S, write P, read P
    return 4 * N * N + 4 * N * d


def flash_forward(N, d, M=M):                    # Algorithm 1: Tc passes over Q, O (read, write), l, m
    Tc = ceil(N / ceil(M / (4 * d)))
    return (3 + 3 * Tc) * N * d + (2 + 4 * Tc) * N


def walk(N, d, M=M):
    """Run both algorithms, counting what crosses the HBM boundary, element by element."""
    Q, K, V = np.random.default_rng(0).standard_normal((3, N, d)) / d ** 0.25
    Bc, moved = ceil(M / (4 * d)), [0, 0]        # elements moved: standard, FlashAttention

    def hbm(x, which=1):
        moved[which] += x.size
        return x

    S = hbm(hbm(Q, 0) @ hbm(K, 0).T, 0)
    E = np.exp(hbm(S, 0))
    P = hbm(E / E.sum(1, keepdims=True), 0)
    exact = hbm(hbm(P, 0) @ hbm(V, 0), 0)
    O, l, m = hbm(np.zeros((N, d))), hbm(np.zeros((N, 1))), hbm(np.full((N, 1), -np.inf))
    for c in (slice(j, j + Bc) for j in range(0, N, Bc)):
        k, v = hbm(K[c]), hbm(V[c])
        for r in (slice(i, i + min(Bc, d)) for i in range(0, N, min(Bc, d))):
            S, m_old, l_old = hbm(Q[r]) @ k.T, hbm(m[r]).copy(), hbm(l[r]).copy()
            m[r] = hbm(np.maximum(m_old, S.max(1, keepdims=True)))
            p, w = np.exp(S - m[r]), np.exp(m_old - m[r]) * l_old
            l[r] = hbm(w + p.sum(1, keepdims=True))
            O[r] = hbm((w * hbm(O[r]) + p @ v) / l[r])
    return moved if np.allclose(O, exact) else None
# --8<-- [end:law]


for case in ((1024, 64, M), (1024, 128, M), (1024, 256, M), (1000, 64, M // 2)):
    assert walk(*case) == [standard_forward(*case[:2]), flash_forward(*case)], f"law-counted: N, d, M = {case}"
print("law-counted: the closed forms equal the counts for d = 64, 128, 256")

P, O, L = (32 * 4096 * x / 2**20 for x in (4096 * 2, 128 * 2, 4))    # LLaMA-2-7B: 32 heads, N = 4096, bytes
assert (P, O, L) == (1024, 32, 0.5), f"llama: P {P} MiB, O {O} MiB, logsumexp {L} MiB"
print(f"llama: P = {P / 1024:.0f} GiB, O = {O:.0f} MiB, logsumexp = {L} MiB per layer and sample; "
      f"32 layers: P = {32 * P / 1024:.0f} GiB")

big = 2**20
grow = [f(2 * big, 64) / f(big, 64) for f in (standard_forward, flash_forward)]
assert 3.99 < min(grow) <= max(grow) < 4.01, f"still-quadratic: {grow} when N doubles"
print(f"still-quadratic: {grow[0]:.2f} and {grow[1]:.2f} times the traffic when N doubles, N large")
half = flash_forward(big, 64, M // 2) / flash_forward(big, 64)
assert 1.99 < half < 2.01, f"sram-law: {half:.2f} times the traffic with half the SRAM"
print(f"sram-law: {half:.2f} times the traffic with half the SRAM")
gain = lambda N, KB: [f"{standard_forward(N, d) / flash_forward(N, d, M * KB // 192):.1f}" for d in (64, 128, 256)]
assert gain(big, 192) == ["7.8", "2.0", "0.5"], "head-dim: the gain falls like 1/d^2"
assert gain(big, 100) == ["4.1", "1.0", "0.3"], "head-dim-100: and with the SRAM"
print("head-dim: standard / FlashAttention for d = 64, 128, 256, N large:", *gain(big, 192), "with 192 KB,",
      *gain(big, 100), "with 100 KB")
assert (gain(4096, 192)[1], gain(4096, 100)[1]) == ("1.9", "1.0"), "llama-traffic: d = 128, N = 4096"
print("llama-traffic: d = 128, N = 4096:", gain(4096, 192)[1], "with 192 KB,", gain(4096, 100)[1], "with 100 KB")

Ns, red, blue = [2**k for k in range(9, 18)], "#d9622b", "#2a8fbd"
fig, (a, b) = plt.subplots(1, 2, figsize=(8.6, 3.4))
a.loglog(Ns, [32 * n * n * 2 / 2**30 for n in Ns], "-o", ms=3, color=red, label="P (standard)")
a.loglog(Ns, [32 * n * (128 * 2 + 4) / 2**30 for n in Ns], "-s", ms=3, color=blue,
         label="O + logsumexp (FlashAttention)")
a.set(title="Kept for backward: slope 2 vs 1", xlabel="sequence length N", ylabel="GiB per layer and sample")
for d, style in ((128, "--"), (64, "-")):
    b.loglog(Ns, [2 * standard_forward(n, d) / 1e9 for n in Ns], style, color=red, label=f"standard, d={d}")
    b.loglog(Ns, [2 * flash_forward(n, d) / 1e9 for n in Ns], style, color=blue, label=f"FlashAttention, d={d}")
b.set(title="Forward HBM traffic: slopes tend to 2", xlabel="sequence length N", ylabel="GB per head")
for ax in (a, b):
    ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("growth.svg", transparent=True)
