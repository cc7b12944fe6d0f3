"""Refutes: RMSNorm is a faster LayerNorm with the same output. They agree exactly when the mean of the token is zero."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
d = 4096                                             # width of LLaMA-2-7B
x = torch.randn(64, d, dtype=torch.float64)
x = x - x.mean(-1, keepdim=True)                     # mean exactly 0
x = x / x.square().mean(-1, keepdim=True).sqrt()     # variance exactly 1
ln, rms = (lambda t: F.layer_norm(t, (d,), eps=1e-12)), (lambda t: F.rms_norm(t, (d,), eps=1e-12))
assert torch.allclose(ln(x), rms(x), atol=1e-9), "zero-mean: the same output without a mean"
c = 2.0
shifted = x + c                                      # the same number added to every element of the token
moved = [(f(shifted) - f(x)).abs().max().item() for f in (ln, rms)]
assert moved[0] < 1e-9 < 0.1 < moved[1], f"ln-ignores: a constant shift moves LayerNorm by {moved[0]:.0e}, RMSNorm by {moved[1]:.1f}"
share = F.cosine_similarity(rms(shifted), torch.ones(1, d, dtype=torch.float64)).mean().item() ** 2
assert abs(share - c**2 / (1 + c**2)) < 1e-9, f"mean-share: {share:.2f} of the squared length is the mean"
print(f"mean-share: with mean {c:.0f} and variance 1, {share:.2f} of RMSNorm's squared output is the mean")
claimed, actual = ln(shifted).std().item(), rms(shifted).std().item()        # size of what is left for the rest
print(f"claimed {claimed:.2f}, actual {actual:.2f}: standard deviation within a token after RMSNorm")
assert abs(actual - 1 / (1 + c**2) ** 0.5) < 1e-3, f"shrunk: {actual:.2f} = 1 / sqrt(1 + {c:.0f}^2)"
assert claimed - actual > 0.4, f"not-rms: {actual:.2f}, not {claimed:.2f}"
