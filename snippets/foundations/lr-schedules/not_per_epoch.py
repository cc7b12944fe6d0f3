"""Refutes: StepLR multiplies by gamma every step_size epochs. It counts calls of step(), and knows no epochs."""
from math import cos, pi

import torch
from torch.optim import lr_scheduler as S

batches = 1000                                           # batches in one epoch


def rate_after(epochs, per_batch, make):
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    schedule = make(opt)
    for _ in range(epochs):
        for _ in range(batches):
            opt.step()
            if per_batch:                                # as every per-step example of a Transformer does
                schedule.step()
        if not per_batch:                                # as in PyTorch's documentation
            schedule.step()
    return opt.param_groups[0]["lr"]


def step30(opt):
    return S.StepLR(opt, step_size=30, gamma=0.1)


epochs = rate_after(30, False, step30)
assert abs(epochs - 0.01) < 1e-12, f"per-epoch: {epochs:g} after 30 epochs with one call in each"
claimed, actual = rate_after(1, False, step30), rate_after(1, True, step30)
calls = batches // 30
print(f"claimed {claimed}, actual {actual:.0e}: the rate after one epoch with step_size=30, stepped every batch")
assert abs(actual / (0.1 * 0.1**calls) - 1) < 1e-9, f"counted: {calls} decays in one epoch"
print(f"counted: {calls} decays by 0.1 within the first epoch of {batches} batches")
assert actual < 1e-30 < claimed, f"not-per-epoch: {actual:.0e}, not {claimed}"

slow = rate_after(3, False, lambda o: S.CosineAnnealingLR(o, T_max=3 * batches)) / 0.1
after3 = (1 + cos(pi * 3 / 3000)) / 2                    # three calls out of 3000
assert slow > 0.999 and abs(slow - after3) < 1e-12, f"too-slow: a cosine over {3 * batches} steps, stepped once an epoch, is still at {slow:.4f}"
print(f"too-slow: T_max in steps but step() once an epoch: still at {slow:.4f} of the peak after all 3 epochs")
