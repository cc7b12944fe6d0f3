"""Refutes: after class weighting the outputs are still probabilities. Count the positives that they predict."""
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
# --8<-- [start:train]
count = torch.tensor([[40000.0, 30000, 15000, 10000, 3700, 300],     # negatives in each of 6 groups
                      [20, 80, 150, 200, 250, 300]])                 # positives: 1000 in all


def fit(pos_weight=1.0, keep=1.0):
    """Logistic model with one logit for each group; `keep` is the share of negatives left by undersampling."""
    z = torch.zeros(6, requires_grad=True)
    for _ in range(50):                                      # Newton's method, each logit on its own
        loss = (keep * count[0] * F.softplus(z)).sum() + (pos_weight * count[1] * F.softplus(-z)).sum()
        g, = torch.autograd.grad(loss, z, create_graph=True)
        h, = torch.autograd.grad(g.sum(), z)
        z = (z - (g / h).clamp(-1, 1)).detach().requires_grad_()
    return z.detach()
# --8<-- [end:train]


r = (count[0].sum() / count[1].sum()).item()                 # 99 negatives to a positive
size = count.sum(0)
assert abs(r - 99) < 1e-9, f"ratio: {r:.0f} negatives to a positive"
predicted = lambda z: (size * z.sigmoid()).sum().item()      # sum of the probabilities = expected positives
plain, weighted, under = fit(), fit(pos_weight=r), fit(keep=1 / r)
assert abs(predicted(plain) - 1000) < 1e-6, f"plain: {predicted(plain):.0f} positives predicted, 1000 are there"
assert torch.allclose(weighted, under, atol=1e-9), "same-shift: undersampling 1 in 99 does what weighting by 99 does"
back = weighted - torch.tensor(r).log()                      # take the shift out again
assert abs(predicted(back) - 1000) < 1e-6, f"undone: {predicted(back):.0f} after subtracting log {r:.0f}"
order = torch.equal(plain.argsort(), weighted.argsort())
assert order and abs(plain[2] - weighted[2]) > 4, "order: the ranking is the same, so AUC doesn't notice"
print(f"plain: {predicted(plain):.0f} positives predicted; undone: {predicted(back):.0f} after subtracting log {r:.0f}")
i = 2                                                        # one group: 150 positives among 15150
share, says = (count[1, i] / size[i]).item(), weighted[i].sigmoid().item()
assert abs(says - r * share / (r * share + 1 - share)) < 1e-9, f"group: {share:.1%} positive, {says:.1%} said"
print(f"group: {share:.1%} of it is positive, the weighted model says {says:.1%}")
claimed, actual = predicted(weighted), count[1].sum().item()
print(f"claimed {claimed:.0f}, actual {actual:.0f} positives among {size.sum():.0f}")
assert claimed > 10 * actual, f"not-probability: {claimed:.0f} positives predicted, {actual:.0f} are there"
