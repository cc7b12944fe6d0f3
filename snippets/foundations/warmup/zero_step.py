"""The first step of the common warm-up has rate 0; PyTorch's LinearLR starts at a third of the peak."""
from dataclasses import fields
from types import SimpleNamespace

import torch
from torch.optim.lr_scheduler import LinearLR
from transformers import TrainingArguments
from transformers.optimization import get_linear_schedule_with_warmup


def first_rates(make, steps=5):
    p = torch.nn.Parameter(torch.ones(1))
    opt = torch.optim.AdamW([p], lr=1e-3, weight_decay=0.1)
    schedule, rates, values, moments = make(opt), [], [], []
    for _ in range(steps):
        rates.append(opt.param_groups[0]["lr"])
        p.grad = torch.ones(1)
        opt.step(), schedule.step()
        values.append(p.item())
        moments.append(opt.state[p]["exp_avg"].item())
    return rates, values, moments


rates, values, moments = first_rates(lambda o: get_linear_schedule_with_warmup(o, 4, 100))
assert rates[:5] == [0, 0.25e-3, 0.5e-3, 0.75e-3, 1e-3], f"ramp: {rates}"
assert values[0] == 1.0 and values[1] < 1.0 and abs(moments[0] - 0.1) < 1e-6, f"idle: {values[:2]}, first m {moments[0]}"
print(f"ramp: {rates[:5]} with num_warmup_steps=4")
print("idle: step 1 leaves the weights as they are, no weight decay either, but Adam's moments take the gradient in")
third = first_rates(lambda o: LinearLR(o, total_iters=4))[0]
assert abs(third[0] / 1e-3 - 1 / 3) < 1e-9 and abs(third[4] / 1e-3 - 1) < 1e-9, f"linear-lr: {third}"
print(f"linear-lr: torch's LinearLR starts at {third[0] / 1e-3:.3f} of the peak by default")
default = {f.name: f.default for f in fields(TrainingArguments)}      # read from the class: nothing is trained here


def trainer_warmup(warmup_steps, total):
    return TrainingArguments.get_warmup_steps(SimpleNamespace(warmup_steps=warmup_steps), total)


none, part = trainer_warmup(default["warmup_steps"], 1000), trainer_warmup(0.03, 1000)
assert none == 0 and default["lr_scheduler_type"] == "linear", f"default: {none} steps, {default['lr_scheduler_type']}"
assert part == 30, f"share: {part} of 1000 steps"
print(f"default: Trainer warms up over {none} steps unless told, then decays linearly")
print(f"share: warmup_steps=0.03 means {part} of 1000 steps")
