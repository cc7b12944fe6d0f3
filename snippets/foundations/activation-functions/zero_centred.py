"""Why inputs that are not centred make the next layer slow: signs of the gradient, and the condition number."""
from math import pi, sqrt
import numpy as np
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
# --8<-- [start:centred]
acts = {"sigmoid": torch.sigmoid, "ReLU": torch.relu, "GELU": torch.nn.functional.gelu, "tanh": torch.tanh}
z = torch.randn(200, 64)                                         # (samples, units) pre-activations
W = torch.zeros(64, 1, requires_grad=True)                       # the 64 weights into one unit of the next layer
one_sign, batch = {}, {}
for name, f in acts.items():
    h, y = f(z), torch.randn(200, 1)
    per_sample = torch.stack([torch.autograd.grad((h[i] @ W - y[i]).square().sum(), W)[0] for i in range(200)])
    signs = per_sample.sign().squeeze(-1)                        # (samples, 64)
    one_sign[name] = ((signs >= 0).all(1) | (signs <= 0).all(1)).double().mean().item()
    batch[name] = 0.0
    for _ in range(100):                                         # 100 batches of 200 samples
        h, y = f(torch.randn(200, 64)), torch.randn(200, 1)
        grad, = torch.autograd.grad((h @ W - y).square().mean(), W)
        batch[name] += (abs(grad.sign().sum().item()) == 64) / 100
# --8<-- [end:centred]
assert one_sign["sigmoid"] == one_sign["ReLU"] == 1, f"one-sign: {one_sign}"
assert one_sign["tanh"] == one_sign["GELU"] == 0, f"both-signs: {one_sign}"
print(f"one-sign: samples whose 64 gradients share a sign: sigmoid {one_sign['sigmoid']:.0%}, ReLU {one_sign['ReLU']:.0%}")
print(f"both-signs: tanh {one_sign['tanh']:.0%}, GELU {one_sign['GELU']:.0%}")
assert batch["ReLU"] < 0.05 < 0.2 < batch["sigmoid"] < 0.5, f"batch: {batch}"
print(f"batch: of 100 batches of 200 one sign in {batch['sigmoid']:.0%} with sigmoid, {batch['ReLU']:.0%} with ReLU")

t, w = np.polynomial.legendre.leggauss(600)                      # quadrature for z ~ N(0, 1)
t, w = 12 * t, 12 * w * np.exp(-(12 * t) ** 2 / 2) / sqrt(2 * pi)
assert abs(w.sum() - 1) < 1e-9 and abs(w @ t ** 2 - 1) < 1e-9, f"quadrature: mean square {w @ t ** 2:.6f}"
n = 3072                                                         # inputs of GPT-2 small's second FFN matrix
mean, cond = {}, {}
for name, f in acts.items():
    h = f(torch.tensor(t)).numpy()
    m, q = w @ h, w @ h ** 2
    H = np.full((n, n), m * m)                                   # E[h h^T] of n independent inputs: the Hessian
    np.fill_diagonal(H, q)
    u = np.ones(n) / sqrt(n)                                     # two eigenvectors: all equal, and one difference
    v = np.zeros(n)
    v[:2] = 1 / sqrt(2), -1 / sqrt(2)
    assert np.allclose(H @ u, (u @ H @ u) * u) and np.allclose(H @ v, (v @ H @ v) * v), "eigen: both are eigenvectors"
    mean[name], cond[name] = m, (u @ H @ u) / (v @ H @ v)
    assert abs(cond[name] / (1 + n * m * m / (q - m * m)) - 1) < 1e-9, f"kappa: {cond[name]:.1f}, as in the formula"
assert cond["sigmoid"] > 10 * cond["ReLU"] > 1000 and abs(cond["tanh"] - 1) < 1e-6, f"condition: {cond}"
print("mean: " + ", ".join(f"{k} {m + 0:.2f}".replace("-0.00", "0.00") for k, m in mean.items()))
print("condition: " + ", ".join(f"{k} {c:.0f}" for k, c in cond.items()))
assert mean["sigmoid"] > mean["ReLU"] > mean["GELU"] > 0.2, f"mean: {mean}"
