"""Refutes: pseudo-labels above 0.95 confidence are at least 95 % right. Only if the model is calibrated."""
import numpy as np

# two classes, x | class +-1 ~ N(+-1, sigma^2); the true log-odds are m(x) = 2 x / sigma^2; a model says k m(x)
sigma = 1.5
x = np.linspace(-14, 14, 280001)
density = sum(np.exp(-((x - c) / sigma) ** 2 / 2) for c in (-1, 1))
density /= density.sum()
m = 2 * x / sigma**2
sigmoid = lambda t: 1 / (1 + np.exp(-t))
right = sigmoid(abs(m))                                  # probability that the sign of x is the right label


def kept(k, threshold=0.95):
    """Share kept, accuracy of what is kept, mean confidence of what is kept."""
    confidence = sigmoid(k * abs(m))
    mask = (confidence >= threshold) * density
    return mask.sum(), (mask * right).sum() / mask.sum(), (mask * confidence).sum() / mask.sum()


for k in (1.0, 3.0):                                     # check by sampling
    rng = np.random.default_rng(0)
    y = rng.choice((-1, 1), 400000)
    s = y + sigma * rng.normal(size=y.size)
    take = sigmoid(k * abs(2 * s / sigma**2)) >= 0.95
    seen = take.mean(), (np.sign(s) == y)[take].mean()
    assert np.allclose(seen, kept(k)[:2], atol=0.005), f"sampled: k = {k}, {seen} kept and right"
share, accuracy, stated = kept(1.0)
assert accuracy > 0.95 and abs(accuracy - stated) < 1e-6, f"calibrated: {accuracy:.3f} right, {stated:.3f} stated"
print(f"calibrated: {share:.0%} kept, {accuracy:.1%} right, as stated")
share3, actual, claimed = kept(3.0)                      # actual: what is right; claimed: what the confidences promise
print(f"claimed {claimed:.2f}, actual {actual:.2f}: accuracy of the pseudo-labels above 0.95 with logits 3 times too large")
assert claimed > 0.95 > actual + 0.05 and 0.5 < share3 < 0.6, f"not-confident: {actual:.2f} right, {claimed:.2f} stated"
print(f"not-confident: {share3:.0%} kept, {actual:.1%} right, {claimed:.1%} stated")
