"""Refutes: KL is a distance. The direct way must not be longer than a detour."""
import numpy as np

KL = lambda p, q: float((p * np.log(p / q)).sum())
TV = lambda p, q: float(abs(p - q).sum() / 2)            # total variation, a metric
coin = lambda heads: np.array([heads, 1 - heads])
a, b, c = coin(0.5), coin(0.7), coin(0.9)

direct, detour = TV(a, c), TV(a, b) + TV(b, c)
assert abs(direct - 0.4) < 1e-12 and direct <= detour + 1e-12, f"tv-obeys: {direct} directly, {detour} by a detour"
assert TV(a, c) > max(TV(a, b), TV(b, c)), f"tv-sees: {TV(a, c)} is more than either leg"
claimed, actual = KL(a, b) + KL(b, c), KL(a, c)          # the most that a distance may be; what it is
print(f"claimed at most {claimed:.2f}, actual {actual:.2f} nats from 0.5 to 0.9")
assert abs(actual - np.log(5 / 3)) < 1e-9 and abs(claimed + np.log(0.84) / 2 - 0.7 * np.log(7 / 9) - 0.3 * np.log(3)) < 1e-9, \
    f"not-a-distance: {actual:.2f} nats directly, {claimed:.2f} by way of 0.7"
