"""Two loop orders, counted: K, V outside (FlashAttention-1 paper) and Q outside (FlashAttention-2)."""
import matplotlib.pyplot as plt
import numpy as np

N, d, B = 1024, 128, 128
T = N // B
Q, K, V = np.random.default_rng(0).standard_normal((3, N, d)) / d ** 0.25
block = [slice(i * B, (i + 1) * B) for i in range(T)]
visits, moved = [], {}


def hbm(name, x):                                # x crosses the HBM boundary, in either direction
    moved[name] = moved.get(name, 0) + x.size
    return x


def tile(i, j, q, k, v, o, l, m):
    """Online softmax of one tile; o is not normalized. Only tiles on the diagonal are masked."""
    visits.append((i, j))
    S = q @ k.T + (np.triu(np.full((B, B), -np.inf), 1) if i == j else 0)
    m_new = np.maximum(m, S.max(1, keepdims=True))
    P, w = np.exp(S - m_new), np.exp(m - m_new)
    return w * o + P @ v, w * l + P.sum(1, keepdims=True), m_new


# --8<-- [start:orders]
def kv_outside():  # FlashAttention-1: O, l, m go through HBM for every tile
    O, l, m = hbm("O", np.zeros((N, d))), hbm("l", np.zeros((N, 1))), hbm("m", np.full((N, 1), -np.inf))
    for j in range(T):
        k, v = hbm("K", K[block[j]]), hbm("V", V[block[j]])
        for i in range(j, T):  # causal: blocks of Q above the diagonal are skipped
            r = block[i]
            old = hbm("O", O[r]) * hbm("l", l[r]), l[r], hbm("m", m[r])
            o, l_new, m_new = tile(i, j, hbm("Q", Q[r]), k, v, *old)
            O[r], l[r], m[r] = hbm("O", o / l_new), hbm("l", l_new), hbm("m", m_new)
    return O


def q_outside():  # FlashAttention-2: O stays on chip, K and V are read again
    O = np.empty((N, d))
    for i in range(T):  # independent of each other: one thread block each
        q, state = hbm("Q", Q[block[i]]), (0.0, np.zeros((B, 1)), np.full((B, 1), -np.inf))
        for j in range(i + 1):
            state = tile(i, j, q, hbm("K", K[block[j]]), hbm("V", V[block[j]]), *state)
        o, l, m = state
        O[block[i]], _ = hbm("O", o / l), hbm("L", m + np.log(l))
    return O
# --8<-- [end:orders]


E = np.exp(Q @ K.T) * np.tri(N)                  # oracle: the whole matrix, causal mask
exact, total, paths, tiles = E @ V / E.sum(1, keepdims=True), [], [], T * (T + 1) // 2
rw = 2 * tiles + T                               # read and written for every tile, and set to zero once
for run, blocks in ((kv_outside, {"O": rw, "l": rw / d, "m": rw / d, "K": T, "V": T, "Q": tiles}),
                    (q_outside, {"Q": T, "K": tiles, "V": tiles, "O": T, "L": T / d})):
    visits, moved = [], {}
    assert np.allclose(run(), exact, atol=1e-12), f"orders-exact: {run.__name__}"
    assert {x: n / (B * d) for x, n in moved.items()} == blocks, f"kv-reread: blocks moved by {run.__name__}"
    assert sorted(visits) == [(i, j) for i in range(T) for j in range(i + 1)], "same-tiles: each once, none skipped"
    paths.append(visits)
    total.append(sum(moved.values()))
ratio = total[1] / total[0]
assert f"{ratio:.2f}" == "0.66", f"order-cost: {ratio:.2f}"
print(f"kv-reread: blocks of K read {T}, then {tiles}; blocks of O read or written {rw}, then {T}")
print(f"order-cost: Q outside moves {ratio:.2f} times as many elements as K, V outside, same blocks, causal")

fig, axes = plt.subplots(1, 2, figsize=(8, 4.2))
for ax, path, outer, title in zip(axes, paths, (1, 0), ("FA-1: K, V outside", "FA-2: Q outside")):
    for i, j in np.ndindex(T, T):
        face = "none" if j > i else "#d9622b" if i == j else "#2a8fbd"
        ax.add_patch(plt.Rectangle((j, i), 1, 1, facecolor=face, edgecolor="#888888", alpha=0.55))
    for n in range(T):                           # number the inner loops, an arrow from first to last tile
        (i, j), *_, (p, q) = [x for x in path if x[outer] == n] * 2
        ax.text(j + 0.1, i + 0.35, n + 1, fontsize=8)
        ax.annotate("", (q + 0.6, p + 0.6), (j + 0.4, i + 0.4) if (i, j) == (p, q) else (j + 0.6, i + 0.6),
                    arrowprops={"arrowstyle": "->", "color": "#777777", "lw": 1.4})
    ax.set(title=title, xlim=(0, T), ylim=(T, 0), aspect="equal", xlabel="block of K, V", ylabel="block of Q")
    ax.set(xticks=[], yticks=[])
fig.text(0.5, 0.01, "blue: computed   orange: computed and masked   empty: skipped", ha="center", fontsize=9)
fig.savefig("loops.svg", transparent=True)
