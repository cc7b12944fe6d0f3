"""Refutes: the smaller KL is, the closer the two distributions are."""
import numpy as np

KL = lambda p, q: float((p * np.log(p / q)).sum())
TV = lambda p, q: float(abs(p - q).sum() / 2)            # the largest gap in the probability of any event
p = np.array([0.5, 0.49, 0.01])
a = np.array([0.6, 0.39, 0.01])                          # moves 10 % of the mass
b = np.array([0.5, 0.5 - 1e-9, 1e-9])                    # moves 1 %: the tail is almost cut off
assert KL(p, a) < KL(p, b) and KL(a, p) > KL(b, p), "flip: the two directions of KL name different neighbours"
print(f"flip: KL(p || a) = {KL(p, a):.3f} < KL(p || b) = {KL(p, b):.3f}, "
      f"but KL(a || p) = {KL(a, p):.3f} > KL(b || p) = {KL(b, p):.3f}")

nearest = min((a, b), key=lambda x: KL(p, x))            # chosen by the smaller KL(p || x)
claimed, actual = TV(p, nearest), min(TV(p, a), TV(p, b))
print(f"claimed {claimed:.2f}, actual {actual:.2f}: total variation from p to the closer of the two")
print(f"not-ranking: {TV(p, a):.2f} from p to a, {TV(p, b):.2f} from p to b")
assert claimed > 5 * actual and abs(claimed - 0.1) < 1e-12, f"not-ranking: the one with the smaller KL is {claimed:.2f} away, the other {actual:.2f}"
