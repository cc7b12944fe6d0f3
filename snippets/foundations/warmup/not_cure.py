"""Refutes: if the learning rate is too large, warm-up makes training stable."""
import numpy as np

lam = np.array([1.0, 0.1])                               # curvatures that do not change: stable below 2 / 1


def train(peak, warmup, steps=400):
    x = np.ones(2)
    for t in range(1, steps + 1):
        x = x - peak * min(1, t / warmup) * lam * x      # gradient descent on sum lam x^2 / 2
    return (lam * x**2).sum() / 2


for warmup in (1, 10, 50):
    assert train(1.9, warmup) < 1e-9, f"below: {train(1.9, warmup):.0e} with the peak below 2"
print("below: peak 1.9 converges with 1, 10 or 50 steps of warm-up")
assert abs(train(2.2, 1) / (1.2**800 / 2) - 1) < 1e-9, "closed: without warm-up the error grows 1.2-fold a step"
cold, warm = train(2.2, 1, 20), train(2.2, 50, 20)
assert warm < train(2.2, 50, 0) < cold and abs(cold / (1.2**40 / 2) - 1) < 1e-6 and 0.0065 < warm < 0.0085, f"delayed: after 20 steps {warm:.3f} with warm-up, {cold:.1f} without"
print(f"delayed: after 20 steps with peak 2.2: loss {warm:.3f} with 50 steps of warm-up, {cold:.1f} without")
claimed = train(1.9, 50)                                 # as small as a stable run ends
actual = min(train(2.2, warmup) for warmup in (1, 10, 50))
print(f"claimed {claimed:.0e}, actual {actual:.0e}: the loss with peak 2.2, the best of three warm-ups")
assert actual == train(2.2, 50), "best: the longest warm-up, which merely starts later"
assert actual > 1e6 > claimed, f"not-cure: {actual:.0e}, the peak is still too large when it is reached"


# --8<-- [start:large]
def sharp_then_flat(peak, warmup, steps=400, start=4.0, end=0.5, fall=20):
    """The curvature falls from 4 to 0.5 within the first 20 steps, as in networks that flatten early."""
    x, worst = 1.0, 1.0
    for t in range(1, steps + 1):
        lam = end + (start - end) * max(0, 1 - t / fall)
        x = x - peak * min(1, t / warmup) * lam * x
        worst = max(worst, abs(x))
    return worst
# --8<-- [end:large]


cold, warm = sharp_then_flat(2.2, 1), sharp_then_flat(2.2, 40)
lams = 0.5 + 3.5 * np.clip(1 - np.arange(1, 401) / 20, 0, 1)      # the same curvatures; cold, a step multiplies by 1 - 2.2 lam
assert abs(cold / abs(np.cumprod(1 - 2.2 * lams)).max() - 1) < 1e-9, f"product: {cold:.0e}"
assert cold > 1e6 and warm == 1.0, f"flatten: {cold:.0e} times the start without warm-up, never above it with 40 steps"
print(f"flatten: curvature falling from 4 to 0.5: the same peak 2.2 blows up {cold:.0e}-fold cold, "
      f"and never exceeds {warm:.0f} with a warm-up of 40 steps")

k, eta = 32, 0.1                                         # Goyal et al.: batch 256 -> 8192, rate 0.1 -> 3.2
one_big, many_small = 1 - k * eta, (1 - eta) ** k        # factors on x of curvature 1: one step against k steps
frozen = 1.0
for _ in range(k):
    frozen -= eta * 1.0                                  # k small steps, all with the gradient of the start
assert abs(one_big - frozen) < 1e-9 and abs(one_big) > 1 > many_small > 0, f"linear: {one_big:.1f} against {many_small:.3f}"
gentle = (1 - k * eta * 0.01, (1 - eta * 0.01) ** k)
assert abs(gentle[0] / gentle[1] - 1) < 1e-3, f"agree: {gentle[0]:.4f} and {gentle[1]:.4f} at curvature 0.01"
print(f"linear: curvature 1: 32 steps of 0.1 multiply the error by {many_small:.3f}, one step of 3.2 by {one_big:.1f}")
print(f"agree: curvature 0.01: {gentle[1]:.4f} and {gentle[0]:.4f}")
