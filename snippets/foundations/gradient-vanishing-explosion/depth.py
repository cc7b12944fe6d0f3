"""Gradient norm through 50 layers: what decides is the weights' variance times the mean squared slope, not the activation alone."""
import matplotlib.pyplot as plt
import numpy as np

L, seeds = 50, 8
sigmoid = lambda z: 1 / (1 + np.exp(-z))
act = {                                              # phi, its derivative
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
}
runs = {"relu, var 3/n": ("relu", 3), "relu, He 2/n": ("relu", 2), "tanh, Xavier 1/n": ("tanh", 1),
        "relu, Xavier 1/n": ("relu", 1), "sigmoid, Xavier 1/n": ("sigmoid", 1)}


# --8<-- [start:depth]
def gradient_norms(phi, slope, gain, n, rng):
    """|dLoss/dh| at each of L + 1 layers, from the input to the output, relative to the output."""
    W = rng.standard_normal((L, n, n)) * (gain / n) ** 0.5   # variance gain / n: 1 is Xavier (square layer), 2 is He
    h, zs = rng.standard_normal(n), []
    for l in range(L):                                       # forward: z = W h, h = phi(z)
        zs.append(W[l] @ h)
        h = phi(zs[-1])
    g = backward(W, zs, slope, rng.standard_normal(n))       # a random gradient at the output
    return np.linalg.norm(g[::-1], axis=1) / np.linalg.norm(g[0])


def backward(W, zs, slope, g_out):
    """The gradient at each layer, from the output down: g <- W^T (phi'(z) g)."""
    g = [g_out]
    for Wl, z in zip(W[::-1], zs[::-1]):
        g.append(Wl.T @ (slope(z) * g[-1]))
    return g
# --8<-- [end:depth]


def predicted(phi, slope, gain):
    """Infinite width: q = variance of z; each layer multiplies the squared gradient by gain * E[phi'(z)^2]."""
    z = np.linspace(-9, 9, 4001)
    pdf = np.exp(-z**2 / 2) / np.exp(-z**2 / 2).sum()
    q, log_g = gain, 0.0                                     # the input has unit variance
    for _ in range(L):
        log_g += np.log(gain * (pdf * slope(q**0.5 * z) ** 2).sum()) / 2
        q = gain * (pdf * phi(q**0.5 * z) ** 2).sum()
    return log_g / np.log(10)


assert all(np.allclose((f(z + 1e-6) - f(z - 1e-6)) / 2e-6, d(z), atol=1e-8)
           for f, d in act.values() for z in np.linspace(-5, 5, 100)), "slopes: each derivative by differences"
data = {k: {n: np.array([gradient_norms(*act[a], gain, n, np.random.default_rng(s)) for s in range(seeds)])
            for n in (64, 128)} for k, (a, gain) in runs.items()}
for k, (a, gain) in runs.items():
    theory, name = predicted(*act[a], gain), k.split(",")[0] + "-" + str(gain)
    for n in (64, 128):
        m = np.log10(data[k][n][:, 0])                       # (seeds,) decades over 50 layers
        assert abs(m.mean() - theory) < 0.6, f"theory: {k}, width {n}: {m.mean():.1f} decades, infinite width {theory:.1f}"
    print(f"theory: {name}: 10^{theory:.1f} at infinite width; at width 128 10^{m.min():.1f} ... 10^{m.max():.1f}, {seeds} seeds")
end = {k: np.log10(data[k][128][:, 0]) for k in runs}        # decades between input and output
assert end["relu, var 3/n"].min() > 3 and abs(end["relu, He 2/n"]).max() < 1, "he: only the variance changed"
assert end["relu, Xavier 1/n"].max() < -6 < end["tanh, Xavier 1/n"].min(), "same-init: Xavier, two activations"
assert end["sigmoid, Xavier 1/n"].max() < -28, f"sigmoid: {end['sigmoid, Xavier 1/n'].max():.0f} decades"
print(f"he: relu loses or gains {end['relu, He 2/n'].min():.1f} ... {end['relu, He 2/n'].max():.1f} decades with variance 2/n")

rng = np.random.default_rng(0)                               # the backward pass against a central difference
W, h, g_out, d = rng.standard_normal((3, 8, 8)) / 8**0.5, *rng.standard_normal((3, 8))
net = lambda h: np.tanh(W[2] @ np.tanh(W[1] @ np.tanh(W[0] @ h)))
zs = [W[0] @ h, W[1] @ np.tanh(W[0] @ h), W[2] @ np.tanh(W[1] @ np.tanh(W[0] @ h))]
slope_along = g_out @ (net(h + 1e-5 * d) - net(h - 1e-5 * d)) / 2e-5
analytic = backward(W, zs, act["tanh"][1], g_out)[-1] @ d
assert abs(slope_along - analytic) < 1e-8, f"difference: {slope_along:.6f} by differences, {analytic:.6f} by the backward pass"

fig, ax = plt.subplots(figsize=(7.4, 3.9))
for (k, d), color in zip(data.items(), ("#d9622b", "#2a8fbd", "#3a9a5b", "#8a63b8", "#888")):
    x = L - np.arange(L + 1)
    ax.fill_between(x, d[128].min(0), d[128].max(0), color=color, alpha=0.3, lw=0)
    ax.semilogy(x, np.exp(np.log(d[128]).mean(0)), color=color, label=k)
    ax.semilogy(x, np.exp(np.log(d[64]).mean(0)), ":", color=color)
ax.set(xlabel="layers below the output", ylabel="gradient norm / norm at the output", ylim=(1e-12, 1e6),
       title="Solid: width 128, band = range of 8 seeds; dotted: width 64")
ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8, loc="lower left")
fig.tight_layout()
fig.savefig("depth.svg", transparent=True)
