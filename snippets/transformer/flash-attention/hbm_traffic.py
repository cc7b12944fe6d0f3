"""Count every element that crosses the HBM boundary: standard attention and FlashAttention-1."""
from math import ceil
import numpy as np

N, d, HEADS, BYTES = 1024, 64, 16 * 64, 2        # GPT-2 medium: 16 heads x batch 64, fp16


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
    E = np.exp((S := h.load("S")) - S.max(1, keepdims=True))
    h.store("P", E / E.sum(1, keepdims=True))                          # (N, N)
    h.store("O", h.load("P") @ h.load("V")), h.store("dV", h.load("P").T @ h.load("dO"))    # (N, d)
    h.store("dP", h.load("dO") @ h.load("V").T)                        # (N, N)
    P, dP = h.load("P"), h.load("dP")
    h.store("dS", P * (dP - (P * dP).sum(1, keepdims=True)))           # (N, N)
    h.store("dQ", h.load("dS") @ h.load("K")), h.store("dK", h.load("dS").T @ h.load("Q"))


# --8<-- [start:flash]
def flash(h, Bc, Br):                            # Algorithms 1 and 4 of the paper
    h.store("O", np.zeros((N, d))), h.store("l", np.zeros(N)), h.store("m", np.full(N, -np.inf))
    for c in (slice(j, j + Bc) for j in range(0, N, Bc)):  # outer: blocks of K, V
        K, V = h.load("K", c), h.load("V", c)
        for r in (slice(i, i + Br) for i in range(0, N, Br)):  # inner: blocks of Q
            Q, O, l, m = (h.load(x, r) for x in ("Q", "O", "l", "m"))
            S = Q @ K.T                          # (Br, Bc), never in HBM
            m_new = np.maximum(m, S.max(1))
            P, w = np.exp(S - m_new[:, None]), np.exp(m - m_new) * l
            h.store("l", l := w + P.sum(1), r), h.store("m", m_new, r)
            h.store("O", (w[:, None] * O + P @ V) / l[:, None], r)  # normalized at every step
    h.store("dQ", np.zeros((N, d))), h.store("dK", np.zeros((N, d))), h.store("dV", np.zeros((N, d)))
    for c in (slice(j, j + Bc) for j in range(0, N, Bc)):
        K, V, dK, dV = h.load("K", c), h.load("V", c), 0, 0  # dK, dV stay on chip
        for r in (slice(i, i + Br) for i in range(0, N, Br)):
            Q, O, dO, dQ, l, m = (h.load(x, r) for x in ("Q", "O", "dO", "dQ", "l", "m"))
            P = np.exp(Q @ K.T - m[:, None]) / l[:, None]  # recomputed
            dS = P * (dO @ V.T - (dO * O).sum(1, keepdims=True))
            dV, dK = dV + P.T @ dO, dK + dS.T @ Q
            h.store("dQ", dQ + dS @ K, r)        # read and written in every pass
        h.store("dK", dK, c), h.store("dV", dV, c)
# --8<-- [end:flash]


start = dict(zip(("Q", "K", "V", "dO"), np.random.default_rng(0).standard_normal((4, N, d)) / d ** 0.25))
sizes = (384, d), (256, d), (200, d), (128, d)   # Bc = 384 and 200: ceil(M / 4d) for M = 192 and 100 KB
std, gb = HBM(start), []
standard(std)
for Bc, Br in sizes:                             # Br = min(Bc, d)
    fla, Tc = HBM(start), ceil(N / Bc)
    flash(fla, Bc, Br)
    assert all(np.allclose(std[x], fla[x], atol=1e-12) for x in ("O", "dQ", "dK", "dV")), f"same-result: Bc = {Bc}"
    assert fla.moved == (10 + 8 * Tc) * N * d + (2 + 6 * Tc) * N, f"flash-count: {fla.moved} elements, Tc = {Tc}"
    gb.append(fla.moved * HEADS * BYTES / 1e9)
assert std.moved == 11 * N * N + 12 * N * d, f"standard-count: {std.moved} elements, not 11 N^2 + 12 N d"
s, matrix = (x * HEADS * BYTES / 1e9 for x in (std.moved, N * N))
more, less = [f"{(x - s) / matrix:.1f}" for x in (40.3, 35.3)], [f"{s / f:.1f}" for f in gb]
assert more == ["7.0", "4.7"], f"hbm-standard: {s:.1f} GB, the paper prints 40.3 and 35.3 GB"
print(f"hbm-standard: {s:.1f} GB, 11 passes of {matrix:.2f} GB; {more[0]} and {more[1]} more in the paper")
assert [f"{f:.1f}" for f in gb] == ["4.6", "5.7", "7.9", "10.0"], f"hbm-flash: {gb}, the paper prints 4.4 GB"
print("hbm-flash: Bc = 384, 256, 200, 128:", *(f"{f:.1f} GB," for f in gb), "gain", *less)
kb = [(4 * Bc * d + 4 * Br * d + 2 * Br * Bc) * BYTES // 1024 for Bc, Br in sizes]  # K V dK dV, Q O dO dQ, P dS
# By hand: 4 blocks of Bc rows and P, dS take Bc / 8 KB each, 4 blocks of Br = 64 rows 8 KB each: 3 Bc / 4 + 32.
assert kb == [320, 224, 182, 128] and min(kb[:3]) > 164 >= kb[3], f"bwd-fits: {kb} KB, shared memory: 164 KB at most"
print("bwd-fits: the backward's blocks need", *(f"{k} KB," for k in kb), "all in shared memory, of at most 164 KB")
ridge, work = 312e12 / 1555e9, [k * N * N * d * HEADS / 1e9 / x for k, x in zip((12, 14, 14, 14, 14), (s, *gb))]
top = [min(1, w / ridge) for w in work]          # FLOPs a byte, and the share of the A100's peak they allow
assert [f"{t:.0%}" for t in top] == ["16%", "100%", "84%", "61%", "48%"], f"roofline: {work} FLOPs a byte, {top} of peak"
print(f"roofline: balance {ridge:.0f};", *(f"{w:.0f} allow {t:.0%}, {t / top[0]:.1f} times;" for w, t in zip(work, top)))
