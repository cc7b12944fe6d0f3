# bagu: seconds=60
"""Refutes: weight_decay is Adam's learning-rate decay."""
import torch

lr, wd, T = 1e-3, 0.1, 2000


def run(lrs, gradient=0.0):
    """AdamW under a constant gradient, lr set before each step: (last lr in the group, parameter, all steps)."""
    x = torch.ones((), dtype=torch.float64, requires_grad=True)
    opt = torch.optim.AdamW([x], lr=lr, weight_decay=wd)
    for value in lrs:
        opt.param_groups[0]["lr"] = value
        x.grad = torch.full_like(x, gradient)
        opt.step()
    return opt.param_groups[0]["lr"], x.item()


after, left = run([lr] * T)                                  # no gradient at all: only weight decay acts
assert abs(left - (1 - lr * wd) ** T) < 1e-9, f"weights: {left:.3f} of the weight is left after {T} steps"
print(f"weights: what decays is the weight, to {left:.3f} of itself after {T} steps without gradient")
cosine = ((1 + (torch.arange(T) / T * torch.pi).cos()) / 2 * lr).tolist()
_, scheduled = run(cosine)
assert abs(scheduled - left**0.5) < 1e-3, f"through-lr: {scheduled:.3f} left under cosine, {left:.3f} under a fixed lr"
print(f"through-lr: under a cosine schedule to 0 only half the decay happens, {scheduled:.3f} is left")

claimed = lr * (1 - wd * lr) ** T                            # the factor, applied to the learning rate
actual = after
print(f"claimed {claimed:.6f}, actual {actual:.6f}: learning rate after {T} steps")
assert claimed < 0.9 * actual and actual == lr, f"not-weight-decay: {claimed:.6f} claimed, lr is {actual:.6f}"
