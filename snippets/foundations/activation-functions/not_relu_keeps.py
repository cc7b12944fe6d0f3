"""Refutes: for x > 0 ReLU keeps the gradient from decaying. Its own factor is 1; the weights are factors too."""
import torch

torch.set_default_dtype(torch.float64)
n, L = 64, 20


def gradient(scale, act, seed=0):
    """Norm of d(output) / d(input) of an L-layer network without biases, and all pre-activations."""
    g = torch.Generator().manual_seed(seed)
    h = x = torch.randn(n, generator=g, requires_grad=True)
    pattern = []
    for _ in range(L):
        W = scale * torch.randn(n, n, generator=g) * (2 / n) ** 0.5          # Kaiming, times scale
        z = W @ h
        pattern.append(z.detach())
        h = act(z)
    return torch.autograd.grad(h.sum(), x)[0].norm().item(), torch.stack(pattern)


(full, z), (half, z_half), (double, _) = (gradient(s, torch.relu) for s in (1, 0.5, 2))
on = z > 0
assert torch.equal(on, z_half > 0) and on.any(1).all(), "same-pattern: the same units are active, some in every layer"
print(f"same-pattern: {on.sum()} of {on.numel()} units active, the same ones with half the weights")
assert abs(double / full / 2 ** L - 1) < 1e-9, f"explodes: {double / full:.0f} times with doubled weights"
print(f"explodes: with doubled weights the gradient is {double / full:.0f} times as large")
best = z_half.max(1).values.requires_grad_()                     # a path of active units, one in each layer
claimed = torch.autograd.grad(torch.relu(best).sum(), best)[0].prod().item()     # the product of ReLU' along it
actual = half / full
print(f"claimed {claimed:.0f}, actual {actual:.1e}: gradient with half the weights, relative, after {L} layers")
assert claimed == 1 and abs(actual * 2 ** L - 1) < 1e-9, f"not-relu-keeps: {claimed:.0f} claimed, {actual:.1e} left"
