"""Focal loss: its gradient, its initialisation in RetinaNet, and why its probabilities aren't probabilities."""
import math
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


# --8<-- [start:focal]
def focal(z, y, gamma=2.0, alpha=0.25):          # z: logit of the positive class, y: 0 or 1
    ce = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    p_t = torch.exp(-ce)                                     # probability given to the right class
    alpha_t = alpha * y + (1 - alpha) * (1 - y)
    return alpha_t * (1 - p_t) ** gamma * ce
# --8<-- [end:focal]


one, zero = torch.ones(1), torch.zeros(1)
ratio = lambda p_t: (1 / focal(torch.tensor([p_t]).logit(), one, 2.0, 1.0) * -torch.tensor(p_t).log()).item()
assert abs(ratio(0.9) - 100) < 1e-6 and 950 < ratio(0.968) < 1000, \
    f"easy: {ratio(0.9):.0f}, {ratio(0.968):.0f} times less"
assert abs(ratio(0.5) - 4) < 1e-9, f"half: {ratio(0.5):.0f} times less"
print(f"easy: {ratio(0.9):.0f} times less loss than cross-entropy at p_t = 0.9, {ratio(0.968):.0f} at "
      f"0.968, {ratio(0.5):.0f} at 0.5")

same = focal(one * 1.3, one) / focal(-one * 1.3, zero)       # equally hard: the same p_t for a positive and a negative
assert abs(same.item() - 1 / 3) < 1e-12, f"alpha: a positive counts {same.item():.3f} of an equally hard negative"
print(f"alpha: 0.25 against 0.75, an equally hard positive counts {same.item():.2f} of a negative")

anchors, pi = 100_000, 0.01                      # RetinaNet: about 100k anchors an image, prior pi at the start
bias = torch.tensor([pi]).logit()                            # = -log((1 - pi) / pi)
ce0 = anchors * F.binary_cross_entropy_with_logits(zero, zero).item()
ce_pi = anchors * F.binary_cross_entropy_with_logits(bias, zero).item()
fl_pi, fl_one = anchors * focal(bias, zero).item(), focal(bias, one).item()
assert abs(99 * bias.exp().item() - 1) < 1e-4 and 69000 < ce0 < 70000 and 1000 < ce_pi < 1010, \
    f"prior: bias {bias.item():.3f}, {ce0:.0f}, {ce_pi:.0f}"
assert fl_pi < 0.1 < 1 < fl_one and abs(fl_one + 0.25 * (1 - pi) ** 2 * math.log(pi)) < 1e-6, \
    f"start: all negatives {fl_pi:.3f}, one positive {fl_one:.2f}"
print(f"prior: bias {bias.item():.3f}; cross-entropy of all negatives {ce0:.0f} at p = 0.5, {ce_pi:.0f} at p = 0.01")
print(f"start: focal loss at p = 0.01: all 100000 negatives {fl_pi:.3f} together, a single positive {fl_one:.2f}")

p = torch.arange(1, 10000) / 10000               # exhaustive: which p minimises the expected loss when the truth is eta
best = lambda eta, gamma: p[(eta * focal(p.logit(), torch.ones_like(p), gamma, 0.5)
                             + (1 - eta) * focal(p.logit(), torch.zeros_like(p), gamma, 0.5)).argmin()].item()
assert abs(best(0.1, 0.0) - 0.1) < 1e-9 and 0.29 < best(0.1, 2.0) < 0.32, f"proper: {best(0.1, 0.0)}, {best(0.1, 2.0)}"
assert all((best(e / 20, 2.0) > 0.5) == (e > 10) for e in (1, 5, 9, 11, 15, 19)), "calibrated: the side of 0.5 is kept"
slope = lambda v: (1 - v) ** 2 / v - 2 * (1 - v) * torch.log(v)      # -d/dv of (1 - v)^2 (-log v)
back = lambda v: slope(1 - v) / (slope(v) + slope(1 - v))            # the truth, from the output of the minimiser
for eta in (0.05, 0.1, 0.3, 0.8):
    assert abs(back(torch.tensor(best(eta, 2.0))) - eta) < 1e-3, f"recover: {back(torch.tensor(best(eta, 2.0))):.3f}, {eta}"
print(f"recover: from {best(0.1, 2.0):.2f} back to {back(torch.tensor(best(0.1, 2.0))):.2f}")
print(f"proper: where 10 % are positive, cross-entropy says {best(0.1, 0.0):.2f}, focal loss {best(0.1, 2.0):.2f}")

fig, ax = plt.subplots(figsize=(5.6, 3.2))
for gamma, colour in ((0.0, "#888888"), (0.5, "#a855f7"), (2.0, "#ef4444"), (5.0, "#3b82f6")):
    z = p.logit().requires_grad_()
    g, = torch.autograd.grad(focal(z, torch.ones_like(z), gamma, 1.0).sum(), z)
    ax.plot(p[::50], g.abs()[::50], color=colour, label=f"$\\gamma$ = {gamma:g}")
    if gamma == 2:
        pt = p
        closed = (1 - pt) ** 2 * (2 * pt * pt.log().abs() + 1 - pt)
        assert torch.allclose(g.abs(), closed, atol=1e-9), "gradient: (1-p)^2 (1 - p - 2 p log p)"
        x9, x1 = g.abs()[8999].item(), g.abs()[999].item()
print(f"gradient: at gamma 2, {x1:.2f} at p_t = 0.1 and {x9:.4f} at p_t = 0.9; cross-entropy has 0.90 and 0.1000")
ax.set(xlabel="probability of the right class $p_t$", ylabel="gradient in the logit")
ax.legend(fontsize=8)
fig.tight_layout()
fig.savefig("focal.svg")
