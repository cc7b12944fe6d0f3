"""Refutes: after the last planned step a cosine schedule stays at its minimum. It is periodic, and climbs again."""
from functools import cache

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR
from transformers import optimization as O

T, low = 1000, 0.1


@cache
def curve(make):                                         # rates after 0, 1, ..., 2T steps
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule, rates = make(opt), [1.0]
    for _ in range(2 * T):
        opt.step(), schedule.step()
        rates.append(opt.param_groups[0]["lr"])
    return rates


def rate(make, n):
    return curve(make)[n]


torch_cosine = lambda o: CosineAnnealingLR(o, T_max=T, eta_min=low)
hf_cosine = lambda o: O.get_cosine_with_min_lr_schedule_with_warmup(o, 0, T, min_lr_rate=low)
linear = lambda o: O.get_linear_schedule_with_warmup(o, 0, T)
wsd = lambda o: O.get_wsd_schedule(o, 0, 200, num_training_steps=T, min_lr_ratio=low)

for make in (torch_cosine, hf_cosine):
    assert abs(rate(make, T) - low) < 1e-6, f"planned: {rate(make, T):.2f} at the planned end"
assert rate(linear, 2 * T) == 0 and rate(wsd, 2 * T) == low, f"clamped: {rate(linear, 2 * T)}, {rate(wsd, 2 * T)}"
print(f"clamped: trained twice as long as planned, linear stays at {rate(linear, 2 * T)}, WSD at {rate(wsd, 2 * T)}")
claimed = min(curve(torch_cosine)[: T + 1])        # stays at the minimum for ever
actual = rate(torch_cosine, 2 * T)
both = rate(hf_cosine, 2 * T)
print(f"claimed {claimed:.1f}, actual {actual:.1f} (torch), {both:.1f} (transformers): twice the planned steps")
assert abs(actual - both) < 1e-6 and abs(rate(hf_cosine, T + T // 2) - 0.55) < 1e-6, "climbs: both libraries climb alike"
assert actual > 0.99 > claimed, f"not-stays-low: back at {actual:.1f} of the peak"
