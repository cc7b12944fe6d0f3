"""Refutes: after warm-up the rate decreases. DeepSeek-V3 holds it for two thirds of the run."""
import torch
from transformers import optimization as O

# tokens of DeepSeek-V3 in units of 0.1 T: 10 T constant, 4.3 T cosine to a tenth, 0.5 T constant (section 4.2)
plateau, decay, tail = 100, 43, 5
T = plateau + decay + tail


def at_peak(make):
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2.2e-4)
    schedule, used = make(opt), []
    for _ in range(T):
        used.append(opt.param_groups[0]["lr"])
        opt.step(), schedule.step()
    return sum(lr == 2.2e-4 for lr in used) / T, used


claimed, falling = at_peak(lambda o: O.get_linear_schedule_with_warmup(o, 1, T))
actual, held = at_peak(lambda o: O.get_wsd_schedule(o, 1, decay, num_stable_steps=plateau - 1, min_lr_ratio=0.1))
constant, _ = at_peak(lambda o: O.get_constant_schedule_with_warmup(o, 1))
assert abs(held[-1] / 2.2e-5 - 1) < 1e-9 and min(held[1:]) == held[-1], f"end: {held[-1]:.1e}"
print(f"end: the rate ends at {held[-1]:.1e}, a tenth of the peak, before the last 0.2 T tokens")
assert constant > 0.99, f"constant: constant_with_warmup stays at the peak for {constant:.2f} of the run"
print(f"constant: get_constant_schedule_with_warmup is at the peak for {constant:.2f} of the run")
print(f"not-then-decay: {claimed:.2f} if the rate fell at once, {actual:.2f} as published")
print(f"claimed {claimed:.2f}, actual {actual:.2f}: share of the tokens trained at the peak rate")
assert 0.6 < actual == plateau / T and claimed < 0.1, f"not-then-decay: {actual:.2f} of the tokens at the peak"
