"""Refutes: after attention dropout the weights of a query still sum to one. Only their expectation does."""
import itertools
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
T, p = 10, 0.1
a = torch.randn(T).softmax(0)                    # (T,) attention weights of one query
M = torch.tensor(list(itertools.product([0.0, 1.0], repeat=T)))          # (1024, T)
prob = torch.where(M > 0, 1 - p, p).prod(1)
total = (a * M / (1 - p)).sum(1)                 # (1024,) sum of the weights, for every mask
mean = (prob @ total).item()
std = (prob @ (total - mean) ** 2).sqrt().item()
assert abs(mean - 1) < 1e-12, f"mean: {mean} over all masks"
assert abs(std - (p / (1 - p) * (a**2).sum()).sqrt()) < 1e-12, f"spread: deviation {std:.3f}"
print(f"mean: the sum is 1 on average; spread: its standard deviation is {std:.2f} for these weights")

# What the library does: with values of one, the output of attention IS the sum of the weights.
q, k = torch.randn(2, 4, 8, 64, 32)              # (batch, heads, T, d)
ones = torch.ones(4, 8, 64, 1)
sums = F.scaled_dot_product_attention(q, k, ones.expand(-1, -1, -1, 32), dropout_p=p)[..., 0]    # (4, 8, 64)
clean = F.scaled_dot_product_attention(q, k, ones.expand(-1, -1, -1, 32))[..., 0]
claimed, actual = (clean - 1).abs().max().item(), (sums - 1).abs().mean().item()
print(f"claimed {claimed:.2f}, actual above 0.01: {actual > 0.01}: distance of the row sums from one")
assert claimed < 1e-12 and 0.01 < actual < 0.5, f"not-normalised: {actual:.3f} away from one on average"
assert sums.max() > 1 and abs(sums.mean().item() - 1) < 0.02, f"library: mean {sums.mean():.3f}, largest {sums.max():.2f}"
