"""Refutes: eight bits cost the same accuracy whatever the data. SQNR by distribution, and clipping against rounding."""
from math import erfc, exp, log10, pi, sqrt

import matplotlib.pyplot as plt
import numpy as np
import torch

n = 100_000
grid = (np.arange(n) + 0.5) / n                        # quantiles instead of samples: no luck
uniform, normal = 2 * grid - 1, torch.special.ndtri(torch.tensor(grid)).numpy()


# --8<-- [start:error]
def fake(x, bits, clip):
    """Symmetric quantization of x with the range [-clip, clip], and back."""
    top = 2 ** (bits - 1) - 1
    s = clip / top
    return np.clip(np.round(x / s), -top, top) * s


def sqnr(x, bits, clip):                               # signal to quantization noise, in dB
    return 10 * log10((x ** 2).mean() / ((fake(x, bits, clip) - x) ** 2).mean())
# --8<-- [end:error]


s = 1 / 127
noise = ((fake(uniform, 8, 1) - uniform) ** 2).mean()
assert abs(noise / (s * s / 12) - 1) < 1e-8, f"step: {noise / (s * s / 12):.3f} times s^2 / 12"
print(f"step: the mean square error is {noise / (s * s / 12):.2f} times s^2 / 12")
bit = [sqnr(uniform, b + 1, 1) - sqnr(uniform, b, 1) for b in (8, 9, 10)]
assert all(abs(b - 20 * log10(2)) < 0.1 for b in bit), f"per-bit: {bit}"
print("per-bit: one more bit gives", ", ".join(f"{b:.2f}" for b in bit), "dB from 8, 9, 10 bits on; 20 log10(2) = 6.02")


def clipping(c):                                       # E (|x| - c)^2 beyond c, for a normal: a closed form
    return (1 + c * c) * erfc(c / sqrt(2)) - 2 * c * exp(-c * c / 2) / sqrt(2 * pi)


clips = np.linspace(1, 5, 81)
total = np.array([((fake(normal, 4, c) - normal) ** 2).mean() for c in clips])
rounding = (clips / 7) ** 2 / 12
law = np.array([clipping(c) for c in clips]) + rounding * np.array([1 - erfc(c / sqrt(2)) for c in clips])
assert np.abs(law / total - 1).max() < 0.001, "sum: clipping plus rounding is the whole error"
best, widest = clips[total.argmin()], abs(normal).max()
gain = 10 * log10(((fake(normal, 4, widest) - normal) ** 2).mean() / total.min())
assert 2.4 < best < 2.6 and abs(gain - 10 * log10((widest / 7) ** 2 / 12 / law.min())) < 0.003, f"clip: {best:.2f} sigma, {gain:.1f} dB"
print(f"clip: with 4 bits a normal is best cut at {best:.1f} sigma, {gain:.1f} dB better than at its extreme, {widest:.1f}")

outlier = 100.0                                        # one value of 100 sigma sets the range for all the others
loss = sqnr(normal, 8, widest) - sqnr(normal, 8, outlier)
bits = loss / (20 * log10(2))
assert abs(loss - 20 * log10(outlier / widest)) < 0.002, f"range: {loss:.2f} dB"
assert abs(2 ** bits - outlier / widest) < 0.003, f"bits-lost: {bits:.1f} bits"
used = len(np.unique(fake(normal, 8, outlier)))
print(f"bits-lost: an outlier of 100 sigma costs the rest {loss:.0f} dB, {bits:.1f} bits; they use {used} of 255 codes")
claimed, actual = sqnr(uniform, 8, 1), sqnr(normal, 8, outlier)
print(f"claimed {claimed:.1f} dB, actual {actual:.1f} dB: SQNR of int8, uniform data and a normal beside an outlier")
assert abs(claimed - 20 * log10(254)) < 0.001 and claimed - actual > 30, f"not-same: {actual:.1f} dB, not {claimed:.1f}"

fig, (a, b) = plt.subplots(1, 2, figsize=(8.6, 3.4))
B = range(3, 11)
for name, x, clip in (("uniform", uniform, 1), ("normal", normal, widest), ("normal + outlier 100σ", normal, outlier)):
    a.plot(B, [sqnr(x, k, clip) for k in B], "-o", ms=3, label=name)
a.set(title="SQNR: 6.02 dB per bit", xlabel="bits", ylabel="dB")
b.semilogy(clips, total, label="total"), b.semilogy(clips, rounding, "--", label="rounding s²/12")
b.semilogy(clips, law - rounding * [1 - erfc(c / sqrt(2)) for c in clips], ":", label="clipping")
b.set(title="4 bits, a normal: where to clip", xlabel="clip / σ", ylabel="mean square error", ylim=(1e-4, 1))
for ax in (a, b):
    ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("error.svg", transparent=True)
