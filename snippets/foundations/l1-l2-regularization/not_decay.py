"""Refutes: L2 regularisation is weight decay, whatever the optimizer. Under Adam the penalty is normalised away."""
import torch

torch.set_default_dtype(torch.float64)
eta, value = 1e-3, 0.5


def run(cls, lam, scale, steps):
    """One weight whose loss gradient alternates between +scale and -scale: pure noise of that size."""
    w = torch.full((1,), value, requires_grad=True)
    opt = cls([w], lr=eta, weight_decay=lam)
    for t in range(steps):
        w.grad = torch.full((1,), scale * (-1) ** t)
        opt.step()
    return w.item()


pull = lambda cls, lam, scale, steps: run(cls, 0.0, scale, steps) - run(cls, lam, scale, steps)

# A weight without a loss gradient (an embedding row that isn't in the batch): only the penalty acts.
lams = (1e-3, 1e-2, 1e-1)
blind = [pull(torch.optim.Adam, lam, 0.0, 1) for lam in lams]
decoupled = [pull(torch.optim.AdamW, lam, 0.0, 1) for lam in lams]
assert max(abs(s / eta - 1) for s in blind) < 1e-4, f"blind: {blind} must all be eta = {eta}"
assert all(abs(s / (eta * lam * value) - 1) < 1e-9 for s, lam in zip(decoupled, lams)), f"proportional: {decoupled}"
print("blind: Adam with L2 moves it by", *(f"{s:.4f}" for s in blind), "for lambda = 0.001, 0.01, 0.1: always eta")
print("proportional: AdamW moves it by", *(f"{s:.1e}" for s in decoupled), "for the same lambda: eta lambda w")

# Two weights of the same size, gradients 100 times apart: how much more is the quiet one decayed?
quiet, loud = 0.1, 10.0
ratio = {c: pull(c, 0.01, quiet, 1000) / pull(c, 0.01, loud, 1000) for c in (torch.optim.Adam, torch.optim.AdamW)}
claimed, actual = ratio[torch.optim.AdamW], ratio[torch.optim.Adam]
print(f"claimed {claimed:.0f}, actual {actual:.0f}: decay of the quiet weight over decay of the loud one, 1000 steps")
print(f"not-decay: with gradients 100 times apart, {actual:.0f} under Adam with L2, {claimed:.0f} under AdamW")
assert abs(claimed - 1) < 1e-6 and abs(actual / (loud / quiet) - 1) < 0.1, f"not-decay: {actual:.1f} against {claimed:.3f}"
