"""Refutes: with a small gamma the exponential rate is 0 after a few epochs; and gives the gamma that one wants."""
import torch
from torch.optim.lr_scheduler import ExponentialLR


def rate(gamma, n, lr=0.1):
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    schedule = ExponentialLR(opt, gamma)
    for _ in range(n):
        opt.step(), schedule.step()
    return opt.param_groups[0]["lr"]


def gamma_for(final, n):                                 # final / initial after n calls
    return final ** (1 / n)


for n in (10, 100, 10_000):
    assert abs(rate(gamma_for(0.1, n), n) - 0.01) < 1e-9, f"solve: gamma {gamma_for(0.1, n):.5f} for {n} calls"
print("solve: to a tenth in 10, 100, 10000 calls: gamma " + ", ".join(f"{gamma_for(0.1, n):.5f}" for n in (10, 100, 10_000)))
same, per_batch = rate(0.9, 10) / 0.1, rate(0.9, 10 * 100) / 0.1
assert abs(same - 0.9**10) < 1e-12 and abs(per_batch / 0.9**1000 - 1) < 1e-9, f"unit: {same:.2f} a call an epoch, {per_batch:.0e} a call a batch"
print(f"unit: gamma 0.9, 10 epochs of 100 batches: {same:.2f} with one call an epoch, {per_batch:.0e} with one a batch")
claimed = 0.1 * 0.1 ** float("inf")                      # really zero
actual = rate(0.1, 5)                                    # gamma 0.1, five epochs
print(f"claimed {claimed}, actual {actual:.0e}: the rate after 5 epochs with gamma 0.1, from 0.1")
assert 1.1e-6 > actual > 9e-7 > claimed, f"not-zero: {actual:.0e}; it never is 0, each call loses one decimal"
