# bagu: seconds=60
"""LLaMA-7B's schedule three ways, the order of the two step() calls, and ReduceLROnPlateau."""
import dataclasses
import math
import warnings
import torch
from torch.optim import lr_scheduler as S
from transformers import TrainingArguments, get_cosine_with_min_lr_schedule_with_warmup

peak, warm, tokens, batch = 3e-4, 2000, 10**12, 4 * 10**6    # LLaMA paper, table 2 and section 2.3, "4M" read as 4e6
total = tokens // batch
print(f"half: {tokens:.0e} tokens / {batch:.0e} tokens a step = {total} steps, warm-up {warm / total:.1%}")


# --8<-- [start:three]
def llama(step):                                 # factor on the peak learning rate, for LambdaLR
    if step < warm:
        return step / warm
    return 0.1 + 0.9 * (1 + math.cos(math.pi * (step - warm) / (total - warm))) / 2


def adamw():
    p = torch.nn.Parameter(torch.zeros(1))
    return torch.optim.AdamW([p], lr=peak, betas=(0.9, 0.95), weight_decay=0.1)


own, library = adamw(), adamw()
a = S.LambdaLR(own, llama)
b = get_cosine_with_min_lr_schedule_with_warmup(library, warm, total, min_lr_rate=0.1)
# --8<-- [end:three]
gap = max(abs(a.lr_lambdas[0](s) - b.lr_lambdas[0](s)) for s in (0, 500, 1000, warm, 64000, 126000, 188000, total))
assert gap < 1e-12, f"library: transformers' schedule differs by {gap:.0e}"
c = S.CosineAnnealingLR(adamw(), T_max=1000, eta_min=peak / 10)          # torch's own, on a grid of 1000 steps
torch_cosine = []
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for i in range(1001):
        torch_cosine.append(c.get_last_lr()[0])
        c.step()
grid = [warm + (total - warm) * i // 1000 for i in range(1001)]
gap = max(abs(peak * llama(s) - x) for s, x in zip(grid, torch_cosine))
assert gap < 1e-9, f"torch: CosineAnnealingLR differs by {gap:.0e}"
half = peak * llama((warm + total) // 2)
assert abs(half - peak * 0.55) < 1e-12 and total == 250_000, f"half: {half:.3g} in the middle of {total} steps"
print(f"half: {peak * llama(1000):.2g} at step 1000, {peak:.2g} at 2000, {half:.3g} in the middle, "
      f"{peak * llama(total):.2g} at the end")


def trace(scheduler_first):
    """The learning rates that three updates really use, and the warnings."""
    opt = adamw()
    sched, used = S.LambdaLR(opt, lambda s: 0.5**s), []
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for _ in range(3):
            if scheduler_first:
                sched.step()
            used.append(opt.param_groups[0]["lr"] / peak)
            opt.step()
            if not scheduler_first:
                sched.step()
    return used, [str(w.message) for w in seen if "lr_scheduler.step()" in str(w.message)]


right, quiet = trace(False)
wrong, loud = trace(True)
assert right == [1.0, 0.5, 0.25] and wrong == right[1:] + [0.125], f"order: {right} against {wrong}"
assert len(loud) == 1 and not quiet, f"warned: {len(loud)} warning when the scheduler goes first"
print(f"order: optimizer first uses {right}, scheduler first {wrong} of lr and 1 warning")

plateau = S.ReduceLROnPlateau(adamw())                       # defaults: factor 0.1, patience 10
calls = next(n for n in range(1, 50) if plateau.step(1.0) or plateau.optimizer.param_groups[0]["lr"] < peak)
assert calls == plateau.patience + 2, f"plateau: the call number {calls} with the same loss lowers lr"
print(f"plateau: with an unchanged loss, call {calls} is the first to lower lr, to "
      f"{plateau.optimizer.param_groups[0]['lr']:.0e}")

default = {f.name: f.default for f in dataclasses.fields(TrainingArguments)}
names = [str(getattr(default[k], "value", default[k])) for k in ("optim", "lr_scheduler_type", "learning_rate")]
adamw, linear, cold = names[0].startswith("adamw"), names[1] == "linear", default["warmup_steps"] == 0
assert adamw and linear and cold, f"trainer: {names}, {default['warmup_steps']} warm-up steps"
print(f"trainer: the defaults of TrainingArguments are {' '.join(names)}, "
      f"{default['warmup_steps']} warm-up steps")
