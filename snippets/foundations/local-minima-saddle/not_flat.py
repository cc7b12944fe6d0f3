"""Refutes: the flatter minimum generalises better. Two global minima, and rescaling makes the better one sharp."""
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
X, test = torch.randn(32, 3), torch.randn(1000, 3)
W, out = torch.randn(6, 3), torch.randn(6)       # the teacher; training and test labels come from it


def predict(theta, x):                           # 7 ReLU units: weights (7, 3), biases (7), outputs (7)
    return torch.relu(x @ theta[:21].view(7, 3).T + theta[21:28]) @ theta[28:]


def student(extra, alpha):
    """The teacher's 6 units, plus one that fires on no training example; then relu(alpha z) / alpha = relu(z)."""
    u = torch.ones(3)
    w, b = torch.cat([W, u[None]]), torch.cat([torch.zeros(6), -(X @ u).max()[None] - 0.01])
    return torch.cat([alpha * w.flatten(), alpha * b, torch.cat([out, torch.tensor([extra])]) / alpha])


y, y_test = torch.relu(X @ W.T) @ out, torch.relu(test @ W.T) @ out
loss = lambda theta: (predict(theta, X) - y).square().mean()
error = lambda theta: (predict(theta, test) - y_test).square().mean().item()
sharpness = lambda theta: torch.linalg.eigvalsh(torch.autograd.functional.hessian(loss, theta)).max().item()
good, bad = student(0.0, 1.0), student(5.0, 1.0)
rescaled = student(0.0, 16.0)                    # the good one once more: same function, other parameters
worst = max(loss(t).item() for t in (good, bad, rescaled))
assert worst < 1e-20, f"global: training loss {worst:.0e} at all three"
gap = (predict(rescaled, test) - predict(good, test)).abs().max().item()
ratio = sharpness(rescaled) / sharpness(good)
assert gap < 1e-12 and 50 < ratio < 16**2, f"same-function: predictions differ by {gap:.0e}, sharpness {ratio:.0f} times"
D = torch.cat([torch.full((28,), 1 / 16), torch.full((7,), 16.0)])       # chain rule: H' = D H D
H = torch.autograd.functional.hessian(loss, good)
H16 = torch.autograd.functional.hessian(loss, rescaled)
assert torch.allclose(H16, D[:, None] * H * D, atol=1e-6), "chain: the Hessian must turn into D H D"
print(f"same-function: sharpness {sharpness(good):.1f} and {sharpness(rescaled):.1f}, {ratio:.0f} times, one and "
      f"the same function")
apart = sharpness(bad) / sharpness(good)
assert abs(apart - 1) < 1e-6 and error(bad) > 0.05 > error(good), f"third: {apart:.3f}, test error {error(bad):.2f}"
print(f"third: a different minimum, sharpness {sharpness(bad):.1f}, test error {error(bad):.2f}")
flattest = min((rescaled, bad), key=sharpness)
claimed, actual = error(flattest), min(error(rescaled), error(bad))      # chosen by flatness; the better one
print(f"claimed {claimed:.2f}, actual {actual:.2f} test error")
assert claimed > actual + 0.05, f"not-flat: the flatter one has test error {claimed:.2f}, the sharper {actual:.2f}"
