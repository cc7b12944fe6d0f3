"""Refutes: small numbers in the product make the gradient vanish. What counts is the norm of each factor, not its entries."""
import numpy as np

n, L, seeds = 1024, 30, 3
logs, largest = [], 0.0
for seed in range(seeds):
    rng = np.random.default_rng(seed)
    g = rng.standard_normal(n)
    start = np.linalg.norm(g)
    for _ in range(L):
        W = rng.standard_normal((n, n), dtype=np.float32) * np.float32(0.05)     # every entry is small
        largest = max(largest, abs(W).max())
        g = W.T @ g
    logs.append(np.log10(np.linalg.norm(g) / start))

assert 0.25 < largest < 0.3, f"entries: no entry above {largest:.2f}"
factor = 10 ** (np.mean(logs) / L)
expected = 0.05 * n**0.5                             # E|W^T g|^2 = n * variance * |g|^2
assert abs(factor / expected - 1) < 0.01, f"factor: {factor:.2f} a layer, sd times sqrt(n) = {expected:.2f}"
print(f"factor: {factor:.2f} a layer = 0.05 x sqrt({n}); no entry is above 0.3")
claimed, actual = L * np.log10(largest), min(logs)   # decades: a product of L numbers at most this large; the gradient
print(f"claimed at most 10^{claimed:.0f}, actual at least 10^{actual:.1f} times the gradient, {L} layers, {seeds} seeds")
assert -20 < claimed < -10 < 5 < actual, f"not-small: 10^{actual:.1f} with entries below 0.3, not below 10^{claimed:.0f}"
narrow = 0.05 * 256**0.5                             # the same entries in a narrower layer
assert narrow < 1 < expected, f"width: {narrow:.1f} at width 256, {expected:.1f} at width {n}"
print(f"width: the same entries give {narrow:.1f} a layer at width 256 and {expected:.1f} at width {n}")
