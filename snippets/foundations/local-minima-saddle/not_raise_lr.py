"""Refutes: when stuck in a local minimum, raise the learning rate for a while. Every height and every length, tried."""
import numpy as np

df = lambda x: x**3 - x - 0.1                    # gradient of x^4 / 4 - x^2 / 2 - 0.1 x: shallow left, deep right
roots = np.sort(np.roots([1, 0, -1, -0.1]).real)             # shallow minimum, barrier, deep minimum
shallow, barrier, deep = roots
sharp = 3 * shallow**2 - 1                                   # second derivative at the shallow minimum
base = 0.1

lrs, lengths = np.linspace(0.2, 3.0, 57), np.arange(1, 41)
starts = shallow + np.array([-0.02, -0.01, 0.01, 0.02])      # a little off the minimum
x = np.broadcast_to(starts, (57, 40, 4)).copy()
for t in range(400):
    lr = np.where(t < lengths[:, None], lrs[:, None, None], base)        # (57, 40, 1) raised, then back
    x = np.clip(x - lr * df(x), -1e6, 1e6)
outcome = np.where(abs(x - shallow) < 1e-3, 0, np.where(abs(x - deep) < 1e-3, 1, 2))     # back, deeper, gone
below = lrs < 2 / sharp
y = np.full(57, shallow + 1e-9)
for t in range(40):
    y = np.clip(y - lrs * df(y), -1e6, 1e6)
apart = abs(y - shallow) / 1e-9                              # how a tiny distance from the minimum has grown
assert (apart[below] < 1).all() and (apart[~below] > 1).all(), f"threshold: {2 / sharp:.2f} divides them"
share = lambda o: [(o == c).mean() for c in (0, 1, 2)]
assert (outcome[below] == 0).all(), f"stable: below 2 / sharpness = {2 / sharp:.2f} all come back"
above = share(outcome[~below])
print(f"stable: sharpness {sharp:.2f}; below lr 2 / sharpness = {2 / sharp:.2f} all {outcome[below].size} runs "
      f"come back")
print(f"above: of {outcome[~below].size} runs above it {above[1]:.0%} end in the deeper minimum, {above[0]:.0%} "
      f"in the old one, {above[2]:.0%} diverge")
assert min(above) > 0.03 and abs(sum(above) - 1) < 1e-9, f"above: {above}"
claimed, actual = float((lrs > base).mean()), float((outcome == 1).mean())      # all raises land lower; how many do
print(f"claimed {claimed:.2f}, actual {actual:.2f}: share of all raised runs that end in the deeper minimum")
assert actual < claimed / 10, f"not-raise-lr: {claimed:.2f} claimed, {actual:.2f} of {outcome.size} runs end lower"
