"""Count every element that crosses the HBM boundary: standard attention and FlashAttention-1."""
from math import ceil
import numpy as np

N, d, HEADS, BYTES = 1024, 64, 16 * 64, 2        # GPT-2 medium: 16 heads x batch 64, fp16
M = 192 * 1024 // BYTES                          # on-chip memory of one A100 SM, in fp16 elements


class HBM(dict):
    """Arrays in slow memory; load and store count the elements that move."""
    moved = 0

    def load(self, name, rows=slice(None)):
        self.moved += self[name][rows].size
        return self[name][rows]

    def store(self, name, x, rows=slice(None)):
        self.moved += x.size
        self.setdefault(name, np.empty(x.shape))[rows] = x


def standard(h):                                 # Algorithms 0 and 3 of the paper
    h.store("S", h.load("Q") @ h.load("K").T)                          # (N, N)
    S = h.load("S")
    E = np.exp(S - S.max(1, keepdims=True))
    h.store("P", E / E.sum(1, keepdims=True))                          # (N, N)
    h.store("O", h.load("P") @ h.load("V"))                            # (N, d)
    h.store("dV", h.load("P").T @ h.load("dO"))
    h.store("dP", h.load("dO") @ h.load("V").T)                        # (N, N)
    P, dP = h.load("P"), h.load("dP")
    h.store("dS", P * (dP - (P * dP).sum(1, keepdims=True)))           # (N, N)
    h.store("dQ", h.load("dS") @ h.load("K"))
    h.store("dK", h.load("dS").T @ h.load("Q"))


# --8<-- [start:flash]
def flash(h, Bc, Br):                            # Algorithms 1 and 4 of the paper
    h.store("O", np.zeros((N, d))), h.store("l", np.zeros(N)), h.store("m", np.full(N, -np.inf))
    for j in range(0, N, Bc):                                          # outer: blocks of K, V
        K, V = h.load("K", slice(j, j + Bc)), h.load("V", slice(j, j + Bc))
        for i in range(0, N, Br):                                      # inner: blocks of Q
            r = slice(i, i + Br)
            Q, O, l, m = (h.load(x, r) for x in ("Q", "O", "l", "m"))
            S = Q @ K.T                                                # (Br, Bc), never in HBM
            m_new = np.maximum(m, S.max(1))
            P = np.exp(S - m_new[:, None])
            w = np.exp(m - m_new) * l
            l = w + P.sum(1)
            h.store("O", (w[:, None] * O + P @ V) / l[:, None], r)     # normalized at every step
            h.store("l", l, r), h.store("m", m_new, r)
    for x in ("dQ", "dK", "dV"):
        h.store(x, np.zeros((N, d)))
    for c in (slice(j, j + Bc) for j in range(0, N, Bc)):
        K, V, dK, dV = h.load("K", c), h.load("V", c), 0, 0            # dK, dV stay on chip
        for r in (slice(i, i + Br) for i in range(0, N, Br)):
            Q, O, dO, dQ, l, m = (h.load(x, r) for x in ("Q", "O", "dO", "dQ", "l", "m"))
            P = np.exp(Q @ K.T - m[:, None]) / l[:, None]              # recomputed
            dS = P * (dO @ V.T - (dO * O).sum(1, keepdims=True))
            dV, dK = dV + P.T @ dO, dK + dS.T @ Q
            h.store("dQ", dQ + dS @ K, r)
        h.store("dK", dK, c), h.store("dV", dV, c)
# --8<-- [end:flash]


rng = np.random.default_rng(0)
start = {x: rng.standard_normal((N, d)) / (8 if x == "Q" else 1) for x in ("Q", "K", "V", "dO")}
std, fla, Bc = HBM(start), HBM(start), ceil(M / (4 * d))
Br, Tc = min(Bc, d), ceil(N / Bc)
standard(std), flash(fla, Bc, Br)
assert all(np.allclose(std[x], fla[x], atol=1e-12) for x in ("O", "dQ", "dK", "dV")), \
    "same-result: both programs must return the same output and gradients"
assert std.moved == 11 * N * N + 12 * N * d, "standard-count: 11 N^2 + 12 N d elements"
assert fla.moved == (10 + 8 * Tc) * N * d + (2 + 6 * Tc) * N, "flash-count: (10 + 8 Tc) N d + ..."
s, f, matrix = (x * HEADS * BYTES / 1e9 for x in (std.moved, fla.moved, N * N))
assert abs(f / 4.4 - 1) < 0.05, f"hbm-flash: {f:.1f} GB, the paper prints 4.4 GB"
assert 1.4 < 40.3 / s < 1.8 and s / f > 5, f"hbm-standard: {s:.1f} GB, the paper prints 40.3 GB"
print(f"hbm-flash: {f:.1f} GB counted with Bc = {Bc}, Br = {Br}, Tc = {Tc}; 4.4 GB in the paper")
print(f"hbm-standard: {s:.1f} GB counted, 11 passes over N x N of {matrix:.2f} GB; 40.3 GB in the paper, "
      f"{(40.3 - s) / matrix:.1f} passes more; ratio {s / f:.1f} counted, {40.3 / 4.4:.1f} in the paper")
