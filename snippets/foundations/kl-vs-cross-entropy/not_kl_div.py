"""Refutes: F.kl_div(p, q) is KL(p || q). Argument order, log space and reduction, one at a time."""
import warnings
import torch
import torch.nn.functional as F

warnings.simplefilter("ignore")                          # the default reduction warns; that is the point
torch.manual_seed(0)
B, T, V = 4, 8, 50257                                    # batch, positions, GPT-2's vocabulary
p, q = torch.randn(2, B, T, V, dtype=torch.float64).softmax(-1)
true = torch.distributions.kl_divergence(*(torch.distributions.Categorical(x) for x in (p, q)))      # (B, T)
swapped = torch.distributions.kl_divergence(*(torch.distributions.Categorical(x) for x in (q, p)))
token = true.mean().item()
right = (F.kl_div(q.log(), p, reduction="sum") / (B * T)).item()
assert abs(right - token) < 1e-9, f"right: F.kl_div(log q, p) / (B T) = {right:.4f}, KL(p || q) = {token:.4f}"
print(f"right: F.kl_div(q.log(), p, reduction='sum') / (B * T) = {right:.4f} nats per token = KL(p || q)")

batchmean = F.kl_div(q.log(), p, reduction="batchmean").item()
mean = F.kl_div(q.log(), p).item()                       # reduction="mean" is the default
assert abs(batchmean / token - T) < 1e-9, f"batchmean: {batchmean / token:.0f} times, the sum over T = {T} positions"
assert abs(token / mean - V) < 1e-6, f"mean: too small by {token / mean:.0f}, the vocabulary"
print(f"batchmean: {batchmean / token:.0f} times too large on (B, T, V), since only B is divided by")
print(f"mean: {token / mean:.0f} times too small, since V is divided by as well")
order = (F.kl_div(p.log(), q, reduction="sum") / (B * T)).item()     # logs and reduction right, order as written
assert abs(order - swapped.mean()) < 1e-9 and abs(order - token) > 1e-5, f"order: {order:.4f} is KL(q || p)"
print("order: F.kl_div(p.log(), q) is KL(q || p)")

claimed = (F.kl_div(p, q, reduction="sum") / (B * T)).item()         # read as KL(p || q), no logarithm taken
actual = token
print(f"claimed {claimed:.2f}, actual {actual:.2f} nats per token")
assert -11 < claimed < -5 < 0 < actual, f"not-kl-div: {claimed:.2f} is not even positive, KL is {actual:.2f}"
