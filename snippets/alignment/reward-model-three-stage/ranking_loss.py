"""Equation 1 of InstructGPT: K ranked responses, all K (K - 1) / 2 pairs; its gradient, and what it can't see."""
from itertools import combinations
from math import comb, log
import torch
from torch.nn.functional import logsigmoid

torch.manual_seed(0)


# --8<-- [start:loss]
def ranking_loss(r):
    """r: (prompts, K) scores, best response first -> mean of -log sigma(r_w - r_l) over all pairs."""
    w, l = torch.triu_indices(r.shape[1], r.shape[1], offset=1)      # w < l: w was ranked above l
    return -logsigmoid(r[:, w] - r[:, l]).mean()                     # (prompts, K (K - 1) / 2)


def by_hand(r):
    """Each pair lifts its winner, and lowers its loser, by the probability that it has the order wrong."""
    g, (prompts, K) = torch.zeros_like(r), r.shape
    for w, l in combinations(range(K), 2):
        wrong = torch.sigmoid(r[:, l] - r[:, w]) / (prompts * comb(K, 2))
        g[:, w] -= wrong
        g[:, l] += wrong
    return g
# --8<-- [end:loss]


for K in range(4, 10):                                               # the paper's K
    r = (3 * torch.randn(64, K, dtype=torch.float64)).requires_grad_()
    loss = ranking_loss(r)
    gradient, = torch.autograd.grad(loss, r)
    assert (gradient - by_hand(r.detach())).abs().max() < 1e-15, f"gradient: K = {K}"
    assert gradient.sum(1).abs().max() < 1e-15, f"no-level: K = {K}, nothing moves the mean score of a prompt"
    c = 10 * torch.randn(64, 1, dtype=torch.float64)                 # another constant for each prompt
    gap = (ranking_loss(r + c) - loss).abs().item()
    assert gap < 1e-13, f"shift: K = {K}, the loss moves by {gap:.0e}"
    assert abs(ranking_loss(torch.zeros_like(r)).item() - log(2)) < 1e-15, f"start: K = {K}, equal scores give log 2"
print(f"gradient, no-level, shift: hold for K = 4 ... {K}; start: equal scores give log 2 = {log(2):.3f}")

r = torch.tensor([[2.0, 1.0, -1.0]])                                 # the whiteboard example
gaps = r[0, [0, 0, 1]] - r[0, [1, 2, 2]]
p = [f"{x:.3f}" for x in torch.sigmoid(gaps).tolist()]
assert abs(ranking_loss(r).item() + sum(map(log, torch.sigmoid(gaps).tolist())) / 3) < 1e-6, \
    f"whiteboard: gaps {gaps.tolist()}, probabilities {p}, loss {ranking_loss(r):.3f}"
print(f"whiteboard: gaps {gaps.tolist()}, probabilities {p}, loss {ranking_loss(r):.3f}")
pairs = 64 * len(list(combinations(range(9), 2)))
assert pairs == 2304, f"batch: 64 prompts, {pairs // 64} pairs each, {pairs} comparisons"      # @ouyang2022instructgpt, C.2
print(f"batch: 64 prompts, K = 9, {pairs // 64} pairs each, {pairs} comparisons at most")


# --8<-- [start:fit]
def fit(P, r, steps=3000):
    """Gradient descent on the expected loss: P[i, j] is the share of labelers who prefer i to j."""
    for _ in range(steps):
        r = r.detach().requires_grad_()
        loss = -(P * logsigmoid(r[:, None] - r)).sum()               # (K, K), the diagonal pulls nowhere
        r = r - 0.5 * torch.autograd.grad(loss, r)[0]
    return r.detach()


def zermelo(P, steps=3000):
    """The classic iteration for the same maximum likelihood, without a gradient: strength = exp(score)."""
    s = torch.ones(len(P), dtype=P.dtype)
    for _ in range(steps):
        s = P.sum(1) / ((P + P.T) / (s[:, None] + s)).sum(1)
    return s.log()
# --8<-- [end:fit]


true = torch.tensor([1.5, 0.2, -0.4, -1.0], dtype=torch.float64)
P = torch.sigmoid(true[:, None] - true)
low, high = fit(P, torch.zeros_like(true) - 5), fit(P, torch.zeros_like(true) + 5)
center = lambda r: r - r.mean()
for found in (low, high, zermelo(P)):
    assert (center(found) - center(true)).abs().max() < 1e-9, "differences: every fit must find the same"
assert abs(low.mean() + 5) < 1e-9 and abs(high.mean() - 5) < 1e-9, \
    f"level: the means stay where they began, {low.mean():.1f} and {high.mean():.1f}"
print(f"differences: two fits and Zermelo's agree; level: the means stay at {low.mean():.1f} and {high.mean():.1f}")
