"""Refutes: normalisation makes the activations normally distributed. An affine map can't change the shape."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
n = 100000
x = torch.distributions.Exponential(1.0).sample((1, n)).double()     # one token with a skewed distribution, (1, n)


def skewness(x):
    z = x - x.mean()
    return (z ** 3).mean().item() / (z ** 2).mean().item() ** 1.5


y = F.layer_norm(x, (n,))
affine = (x - x.mean()) / x.var(correction=0).sqrt()     # all that LayerNorm does
assert torch.allclose(y, affine, atol=1e-4), f"affine: LayerNorm is {(y - affine).abs().max():.1e} away from it"
mean, var = affine.mean().item(), affine.var(correction=0).item()
assert abs(mean) < 1e-9 and abs(var - 1) < 1e-4, f"moments: mean {mean:.1e}, variance {var:.4f}"
print("moments: mean 0 and variance 1 after LayerNorm without gain and bias")
claimed = skewness(torch.randn(1, n, dtype=torch.float64))           # a normal distribution's, sampled
actual = skewness(y)
assert abs(actual - skewness(x)) < 1e-3, f"shape: skewness {skewness(x):.2f} before, {actual:.2f} after"
print(f"shape: skewness {skewness(x):.1f} before and {actual:.1f} after")
print(f"claimed {claimed:.1f}, actual {actual:.1f}: skewness of the normalised activations")
assert abs(actual - claimed) > 1, f"not-gaussian: skewness {actual:.2f}, a normal distribution has {claimed:.2f}"
