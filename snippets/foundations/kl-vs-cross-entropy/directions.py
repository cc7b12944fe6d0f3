"""Fit one Gaussian q to a mixture p of two: forward KL(p || q) against reverse KL(q || p)."""
import matplotlib.pyplot as plt
import numpy as np

w = np.array([0.6, 0.4])                                     # weights; both components have standard deviation 1
t, gw = np.polynomial.hermite_e.hermegauss(80)               # quadrature: E f(N(0,1)) = sum gw f(t)
gw = gw / gw.sum()
log_normal = lambda x, m, s: -((x - m) / s) ** 2 / 2 - np.log(s) - np.log(2 * np.pi) / 2


def log_p(x, gap):
    a, b = (np.log(w[i]) + log_normal(x, c, 1) for i, c in enumerate((-gap / 2, gap / 2)))
    return np.logaddexp(a, b)


# --8<-- [start:kl]
def forward(m, s, gap):                          # E over p: every place where p has mass must be covered
    x = np.stack([t - gap / 2, t + gap / 2])                 # (2, 80) nodes of the two components
    return (w @ ((log_p(x, gap) - log_normal(x, m[..., None, None], s[..., None, None])) @ gw)[..., None])[..., 0]


def reverse(m, s, gap):                          # E over q: only the places where q has mass count
    x = m[..., None] + s[..., None] * t                      # (..., 80)
    return (log_normal(x, m[..., None], s[..., None]) - log_p(x, gap)) @ gw
# --8<-- [end:kl]


def fit(kl, gap):
    """Exhaustive search over mean and deviation, then once more around the best."""
    m, s, dm, ds = 0.0, 0.7 + gap / 2, gap / 2 + 0.5, 0.5 + gap / 2      # deviations 0.2 ... 1.2 + gap
    for _ in range(4):
        M, S = np.meshgrid(np.linspace(m - dm, m + dm, 41), np.linspace(max(s - ds, 0.2), s + ds, 41))
        loss = kl(M, S, gap)
        i = np.unravel_index(loss.argmin(), loss.shape)
        m, s, dm, ds = M[i], S[i], dm / 10, ds / 10
    return m, s, loss[i]


far, gaps = 6.0, np.linspace(0.5, 8, 16)
(mf, sf, _), (mr, sr, kr) = fit(forward, far), fit(reverse, far)
mean = w @ [-far / 2, far / 2]
std = (1 + w.prod() * far**2) ** 0.5                         # law of total variance
assert abs(mf - mean) < 0.01 and abs(sf - std) < 0.01, f"forward: mean {mf:.2f}, deviation {sf:.2f}; moments {std:.2f}"
print(f"forward: mean {mf:.2f}, deviation {sf:.2f}: the moments of p")
assert abs(mr + far / 2) < 0.05 and abs(sr - 1) < 0.05, f"reverse: mean {mr:.2f}, deviation {sr:.2f}"
assert abs(kr + np.log(w[0])) < 0.01, f"ignored: KL {kr:.2f}, and -ln 0.6 is {-np.log(w[0]):.2f}"
print(f"reverse: mean {mr:.2f}, deviation {sr:.2f}: the larger mode alone; ignored: KL {kr:.2f} = -ln 0.6")
valley = np.exp(log_p(mf, far) - log_p(-far / 2, far))
assert 0.055 < valley < 0.065, f"valley: p at the forward mean is {valley:.2f} of its peak"
print(f"valley: p at the forward mean is {valley:.2f} of its peak")
curves = np.array([[fit(kl, g)[1] for g in gaps] for kl in (forward, reverse)])
moments = (1 + w.prod() * gaps**2) ** 0.5
assert abs(curves[0] - moments).max() < 0.01, f"moments: forward deviations off by {abs(curves[0] - moments).max():.3f}"
jump = gaps[1:][np.diff(curves[1]) < 0]                      # where the reverse fit gives the smaller mode up
assert jump[0] == 5.5 and curves[1][-1] < 1.05, f"jump: the reverse fit narrows from a distance of {jump[0]:.1f} on"
print(f"jump: up to a distance of {jump[0] - 0.5:.1f} the reverse fit widens, from {jump[0]:.1f} on it keeps one mode")
assert abs(curves[1] / curves[0] - 1)[gaps <= 1].max() < 0.05, "overlap: with the modes merged both fits agree"
print("overlap: modes at most 1 apart, the two deviations agree within 5 %")

x, red, blue = np.linspace(-8, 8, 241), "#d9622b", "#2a8fbd"
fig, (a, b) = plt.subplots(1, 2, figsize=(8.6, 3.3))
a.fill_between(x, np.exp(log_p(x, far)), color="#888", alpha=0.35, lw=0, label="p")
a.plot(x, np.exp(log_normal(x, mf, sf)), color=red, label="forward: min KL(p || q)")
a.plot(x, np.exp(log_normal(x, mr, sr)), "--", color=blue, label="reverse: min KL(q || p)")
a.set(title="Modes 6 apart", xlabel="x", ylabel="density", ylim=(0, 0.58))
b.plot(gaps, curves[0], "-o", ms=3, color=red, label="forward")
b.plot(gaps, curves[1], "--s", ms=3, color=blue, label="reverse")
b.set(title="Standard deviation of the fitted q", xlabel="distance between the modes")
for ax in (a, b):
    ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8, loc="upper left")
fig.tight_layout()
fig.savefig("directions.svg", transparent=True)
