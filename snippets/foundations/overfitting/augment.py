"""Noise on the inputs is ridge regression, exactly; plain copies are nothing."""
from itertools import product
import numpy as np

rng = np.random.default_rng(0)
n, d, s = 6, 4, 0.3                              # samples, features, size of the noise
X, y = rng.normal(size=(n, d)), rng.normal(size=n)
lstsq = lambda A, b: np.linalg.lstsq(A, b, rcond=None)[0]

# --8<-- [start:augment]
signs = s * np.array(list(product((-1, 1), repeat=d)))       # (16, d) every noise vector there is
X_aug = (X[:, None] + signs).reshape(n * len(signs), d)      # (n * 16, d) each sample, perturbed in 16 ways
y_aug = np.repeat(y, len(signs))                             # the label stays
w_aug = lstsq(X_aug, y_aug)
w_copy = lstsq(np.repeat(X, 16, axis=0), y_aug)              # 16 plain copies instead
w_ridge = np.linalg.solve(X.T @ X + n * s**2 * np.eye(d), X.T @ y)
# --8<-- [end:augment]

w = lstsq(X, y)
norm = np.linalg.norm
assert np.allclose(w_aug, w_ridge, atol=1e-12), f"ridge: augmented {w_aug.round(4)}, ridge {w_ridge.round(4)}"
assert norm(w_aug) < 0.9 * norm(w), f"shrinks: norm {norm(w_aug):.3f}, without noise {norm(w):.3f}"
assert np.allclose(w_copy, w, atol=1e-12), f"copies: norm {norm(w_copy):.3f}, without copies {norm(w):.3f}"
print("ridge: least squares on all perturbed samples = ridge with lambda = n s^2")
print(f"shrinks: norm of the weights {norm(w_aug):.3f}, without augmentation {norm(w):.3f}")
print(f"copies: norm {norm(w_copy):.3f} with 16 plain copies, the same solution as without")
