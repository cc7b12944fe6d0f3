"""Refutes: the smaller KL is, the closer the two distributions are. With it fall the distance and the asymmetry."""
import numpy as np

KL = lambda p, q: float((p * np.log(p / q)).sum())
TV = lambda p, q: float(abs(p - q).sum() / 2)            # the largest gap in the probability of any event
p = np.array([0.5, 0.49, 0.01])
a = np.array([0.6, 0.39, 0.01])                          # moves 10 % of the mass
b = np.array([0.5, 0.5 - 1e-9, 1e-9])                    # moves 1 %: the tail is cut off, as top-p would
assert KL(p, a) < KL(p, b) and KL(a, p) > KL(b, p), "flip: the two directions of KL name different neighbours"
print(f"flip: KL(p || a) = {KL(p, a):.3f} < KL(p || b) = {KL(p, b):.3f}, "
      f"but KL(a || p) = {KL(a, p):.3f} > KL(b || p) = {KL(b, p):.3f}")

coin = lambda h: np.array([h, 1 - h])
direct, detour = KL(coin(0.5), coin(0.9)), KL(coin(0.5), coin(0.7)) + KL(coin(0.7), coin(0.9))
assert direct > 0.5 > detour + 0.1 and TV(coin(0.5), coin(0.9)) <= TV(coin(0.5), coin(0.7)) + TV(coin(0.7), coin(0.9)) + 1e-12, \
    f"triangle: {direct:.2f} nats directly, {detour:.2f} by a detour; total variation obeys"
print(f"triangle: KL from 0.5 to 0.9 is {direct:.2f} nats, by way of 0.7 only {detour:.2f}")
mirror = KL(coin(0.9), coin(0.1)), KL(coin(0.1), coin(0.9))
assert abs(mirror[0] - mirror[1]) < 1e-12 and mirror[0] > 1, f"mirror: {mirror}: nothing asymmetric, KL far from zero"
print(f"mirror: KL = {mirror[0]:.2f} nats in both directions")

nearest = min((a, b), key=lambda x: KL(p, x))            # chosen by the smaller KL(p || x)
claimed, actual = TV(p, nearest), min(TV(p, a), TV(p, b))
print(f"claimed {claimed:.2f}, actual {actual:.2f}: distance of the closer of the two")
assert claimed > 5 * actual and abs(claimed - 0.1) < 1e-12, f"not-ranking: the one with the smaller KL is {claimed:.2f} away, the other {actual:.2f}"
