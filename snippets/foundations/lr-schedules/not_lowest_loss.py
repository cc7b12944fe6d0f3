"""Refutes: in an LR range test the best rate is where the loss is lowest."""
import numpy as np

lam = np.array([1.0, 0.03, 0.001])                       # curvatures of a quadratic; steepest 1, stable below 2
x0 = np.ones(3)


def loss(x):
    return (lam * x**2).sum() / 2


def range_test(start=1e-5, end=100.0, batches=100):      # raise the rate after every batch, note the loss
    x, seen = x0.copy(), []
    for lr in np.geomspace(start, end, batches):
        seen.append((lr, loss(x)))
        x = x - lr * lam * x                             # a gradient step
        if seen[-1][1] > 10 * loss(x0):
            break
    return np.array(seen)


def train(lr, steps=500):
    x = x0.copy()
    for _ in range(steps):
        x = x - lr * lam * x
        if loss(x) > 1e12:                               # diverged
            break
    return loss(x)


curve = range_test()
lowest = curve[curve[:, 1].argmin(), 0]
stable = 2 / lam.max()
assert abs(loss(3 * x0) - 9 * lam.sum() / 2) < 1e-12, "quadratic: loss of a known point"
assert train(0.99 * stable) < loss(x0) < train(1.01 * stable), f"limit: stable just below {stable:.2f}, not above"
assert lowest > stable, f"beyond: lowest at {lowest:.2f}, above the stability limit {stable:.2f}"
print(f"beyond: the curve is lowest at rate {lowest:.2f}; training is stable below {stable:.2f}")
at_limit = curve[curve[:, 0] > stable][0, 1]
assert curve[:, 1].min() < at_limit < loss(x0), f"falling: {at_limit:.4f} at the limit, {curve[:, 1].min():.4f} later"
assert loss(x0) == curve[0, 1] > curve[curve[:, 0] == lowest][0, 1], "lowest: read off the curve's bottom"
tenth = train(lowest / 10)
assert tenth < loss(x0) / 10, f"tenth: a tenth of that rate ends at {tenth:.4f}"
print(f"tenth: a tenth of it trains, loss {loss(x0):.2f} -> {tenth:.4f}")
claimed, actual = curve[:, 1].min(), train(lowest)       # "at this rate the loss is lowest"
print(f"claimed {claimed:.3f}, actual {actual:.0e}: loss after 500 steps at that rate")
assert actual > 1e6 > claimed, f"not-lowest-loss: {actual:.0e}, it diverges"
