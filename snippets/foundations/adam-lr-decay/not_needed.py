# bagu: seconds=60
"""Refutes: Adam is adaptive, so it needs no schedule. Noise keeps its step long; at a fixed batch a schedule shortens it."""
from itertools import product
import torch

b1, b2, K = 0.9, 0.999, 12
signs = torch.tensor(list(product((-1.0, 1.0), repeat=K)), dtype=torch.float64)     # (4096, 12) all coin flips
x = torch.zeros(len(signs), dtype=torch.float64, requires_grad=True)
opt = torch.optim.Adam([x], lr=1.0, betas=(b1, b2), eps=0)
for flip in signs.T:                                         # gradients of size 1 and random sign: no signal at all
    before, x.grad = x.detach().clone(), flip.clone()
    opt.step()
rms = (x.detach() - before).square().mean().sqrt().item()
limit = ((1 - b1) / (1 + b1)) ** 0.5                         # the same for ever more flips
finite = limit * ((1 - b1 ** (2 * K)) ** 0.5) / (1 - b1**K)  # bias correction is still at work after 12
assert abs(rms - finite) < 1e-9, f"coin: rms step {rms:.4f} lr, variance of the average {finite:.4f}"
print(f"coin: pure noise of constant size leaves an rms step of {rms:.2f} lr after 12 steps, {limit:.2f} lr in "
      f"the long run")


def floor(lrs, sigma=1.0, n=1024, seeds=4):
    """Adam on x^2 / 2 with gradient noise of deviation sigma, started at the minimum: rms of x at the end, (seeds,)."""
    gs = [torch.Generator().manual_seed(s) for s in range(seeds)]
    x = torch.zeros(seeds, n, dtype=torch.float64, requires_grad=True)
    opt = torch.optim.Adam([x], lr=lrs[0], betas=(b1, b2))
    for lr in lrs:
        opt.param_groups[0]["lr"] = lr
        x.grad = x.detach() + sigma * torch.stack([torch.randn(n, generator=g, dtype=torch.float64) for g in gs])
        opt.step()
    return x.detach().square().mean(-1).sqrt()


T, peak = 1500, 0.04
cosine = ((1 + (torch.arange(T) / T * torch.pi).cos()) / 2 * peak).tolist()
fixed, quarter, decayed = floor([peak] * T), floor([peak / 4] * T), floor(cosine)
fall = (fixed.mean() / quarter.mean()).item()
assert abs(fall - 2) < 0.15, f"floor: a quarter of lr lowers the floor {fall:.2f} times, sqrt(4) = 2"
print(f"floor: rms {fixed.mean():.3f} at lr 0.04, {quarter.mean():.3f} at lr 0.01: {fall:.1f} times, the root of 4")
calm = floor([peak] * T, sigma=0.25)                         # a batch 16 times as large, the same lr
gain = (fixed.mean() / calm.mean()).item()
assert abs(gain - 2) < 0.2, f"batch: 16 times the batch lowers the floor {gain:.2f} times, as a quarter of lr does"
print(f"batch: rms {calm.mean():.3f} at lr 0.04 with 16 times the batch: {gain:.1f} times lower")
assert abs(cosine[0] - peak) < 1e-8 and decayed.max() < fixed.min() / 2, \
    f"every-seed: {decayed.max():.3f} at most, {fixed.min():.3f} at least"
print(f"every-seed: cosine {decayed.min():.3f} to {decayed.max():.3f}, fixed {fixed.min():.3f} to {fixed.max():.3f}")
claimed, actual = fixed.mean().item(), decayed.mean().item()         # distance left without a schedule; with one
print(f"claimed {claimed:.3f}, actual {actual:.3f}: rms distance from the minimum, same peak lr, same {T} steps")
assert actual < claimed / 2, f"not-needed: {claimed:.3f} without a schedule, {actual:.3f} with cosine"
