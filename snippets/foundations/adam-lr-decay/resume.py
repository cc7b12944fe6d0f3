# bagu: seconds=60
"""Stop at step 40 of 100 and go on: what has to be saved so that nothing shows?"""
import copy
import math
import torch
from torch.optim import lr_scheduler as S

T, cut, peak = 100, 40, 1e-2
A = torch.randn(16, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


cosine = lambda t: (1 + math.cos(math.pi * t / T)) / 2


def fresh():
    x = torch.nn.Parameter(torch.ones(8, dtype=torch.float64))
    opt = torch.optim.AdamW([x], lr=peak)
    return x, opt, S.LambdaLR(opt, cosine)


def train(x, opt, sched, first, last):
    lrs = []
    for _ in range(first, last):
        opt.zero_grad()
        (A @ x - 1).square().mean().backward()
        lrs.append(opt.param_groups[0]["lr"])
        opt.step()
        sched.step()
    return lrs


x, opt, sched = fresh()                                      # the run that is never interrupted
train(x, opt, sched, 0, cut)
saved = copy.deepcopy({"x": x.data, "opt": opt.state_dict(), "sched": sched.state_dict()})
going_on = train(x, opt, sched, cut, T)


# --8<-- [start:resume]
def resume(*what, late=False):
    y, opt, sched = fresh()                                  # the scheduler is built BEFORE anything is loaded
    y.data.copy_(saved["x"])
    if "opt" in what:
        opt.load_state_dict(copy.deepcopy(saved["opt"]))
    if late:                                                 # built after loading: it overwrites lr
        sched = S.LambdaLR(opt, cosine)
    if "sched" in what:
        sched.load_state_dict(copy.deepcopy(saved["sched"]))
    start = y.detach().clone()
    lrs = train(y, opt, sched, cut, cut + 1)
    first = (y.detach() - start).abs().max().item() / lrs[0]
    lrs += train(y, opt, sched, cut + 1, T)
    return lrs, (y - x).abs().max().item(), first
# --8<-- [end:resume]


lrs, gap, first = resume("opt", "sched")
assert gap == 0 and lrs == going_on, f"both: parameters differ by {gap}"
print(f"both: with both state dicts the resumed run is bitwise equal, first step {first:.2f} lr")
only_sched, gap_s, full = resume("sched")
assert gap_s > 1e-4 and abs(full - 1) < 0.02, f"no-optimizer: off by {gap_s:.0e}, the first step is {full:.2f} lr"
assert only_sched[0] == peak and only_sched[1:] == going_on[1:], f"stale: {only_sched[0]} for the first step"
print(f"no-optimizer: without the moments the first step is {full:.2f} lr again, as at step 1")
only_opt, gap_o, _ = resume("opt")
assert only_opt[0] == going_on[0] and only_opt[-1] > 100 * going_on[-1], f"no-scheduler: lr ends at {only_opt[-1]:.4f}"
print(f"no-scheduler: lr {only_opt[0]:.4f}, right for one step, ends at {only_opt[-1]:.4f} instead of "
      f"{going_on[-1]:.6f}")
late, *_ = resume("opt", late=True)
assert late[0] == peak and late[1] < peak, f"late: lr {late[0]:.4f} instead of {going_on[0]:.4f}"
print(f"late: a scheduler built after loading sets lr to {late[0]:.4f}, it should be {going_on[0]:.4f}")
