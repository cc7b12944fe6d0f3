"""Refutes: KL measures the asymmetry of the difference between two distributions. Mirror images have none of it."""
import numpy as np

KL = lambda p, q: float((p * np.log(p / q)).sum())
p, q = np.array([0.9, 0.1]), np.array([0.1, 0.9])        # mirror images: far apart, and nothing asymmetric between them

forward, backward = KL(p, q), KL(q, p)
claimed, actual = abs(forward - backward), forward       # what a measure of the asymmetry would be; what KL is
print(f"claimed {claimed:.2f}, actual {actual:.2f} nats")
assert claimed < 1e-12 and actual > 1, f"not-asymmetry: nothing asymmetric, and still {actual:.2f} nats"
