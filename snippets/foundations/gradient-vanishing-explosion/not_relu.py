"""Refutes: with ReLU the gradient is a constant, so it neither vanishes nor explodes. The weights are factors as well."""
import torch

n, L, seeds = 128, 50, 5
torch.set_default_dtype(torch.float64)


def through(gain, seed):
    """(product of the ReLU slopes on live paths, |gradient at the input| / |gradient at the output|, share of zero slopes)"""
    torch.manual_seed(seed)
    x = torch.randn(n, requires_grad=True)
    h, live, zeros = x, 1.0, 0.0
    for _ in range(L):
        z = torch.randn(n, n) * (gain / n) ** 0.5 @ h
        slope = torch.autograd.functional.jvp(torch.relu, z.detach(), torch.ones(n))[1]      # 0 or 1
        live, zeros = live * slope.max().item(), zeros + (slope == 0).double().mean().item() / L
        h = torch.relu(z)
    g = torch.randn(n)
    return live, (torch.autograd.grad(h, x, g)[0].norm() / g.norm()).item(), zeros


runs = {gain: [through(gain, s) for s in range(seeds)] for gain in (1, 2, 3)}
for gain, r in runs.items():
    print(f"gain: variance {gain}/n: gradient x {min(v[1] for v in r):.0e} ... {max(v[1] for v in r):.0e} over {L} layers")
he, large = ([grad for _, grad, _ in runs[gain]] for gain in (2, 3))
assert 0.05 < min(he) < max(he) < 20 and min(large) > 1e3, f"gain: 2/n keeps it, 3/n multiplies by {min(large):.0e} or more"
zeros = sum(v[2] for v in runs[2]) / seeds
assert 0.45 < zeros < 0.55, f"zero-slope: {zeros:.2f} of the slopes are 0, not constant"
print(f"zero-slope: {zeros:.2f} of the slopes are 0, the rest 1")
claimed = min(v[0] for v in runs[1])                 # the product of the constants that the answer looks at
actual = max(v[1] for v in runs[1])                  # the gradient, Xavier variance 1/n
print(f"claimed {claimed:.0f}, actual at most {actual:.0e} of the gradient left after {L} layers with variance 1/n")
assert actual < 1e-6 < claimed, f"not-relu: {actual:.0e} is left, with every live slope equal to {claimed:.0f}"
