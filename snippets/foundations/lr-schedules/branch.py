"""Two budgets, one run: WSD shares the prefix, cosine only the warm-up."""
from functools import cache
from math import cos, pi

import torch
from transformers import optimization as O


def lrs(make, steps):
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule, used = make(opt), []
    for _ in range(steps):
        used.append(opt.param_groups[0]["lr"])
        opt.step(), schedule.step()
    return used


# --8<-- [start:branch]
W, short, long = 100, 1000, 2000                          # warm-up, two training budgets in steps


@cache
def cosine(T):
    return lrs(lambda o: O.get_cosine_with_min_lr_schedule_with_warmup(o, W, T, min_lr_rate=0.1), T)


@cache
def wsd(T):                                              # the last 10 % decays
    return lrs(lambda o: O.get_wsd_schedule(o, W, T // 10, num_training_steps=T, decay_type="1-sqrt"), T)


def shared(a, b):                                        # steps that a run for b can reuse from a run for a
    return next(t for t, (x, y) in enumerate(zip(a, b)) if x != y)
# --8<-- [end:branch]


by_wsd, by_cosine = shared(wsd(short), wsd(long)), shared(cosine(short), cosine(long))
assert by_wsd == 0.9 * short + 1 and by_cosine == W + 1, f"shared: WSD {by_wsd}, cosine {by_cosine} steps"
print(f"shared: of {short} steps WSD shares the first {by_wsd}, cosine the first {by_cosine} with a run of {long}")


def distinct(*runs):                                     # steps to run if an equal history is never run twice
    histories = set()
    for run in runs:
        history = None
        for lr in run:
            history = hash((history, lr))
            histories.add(history)
    return len(histories)


cost = [distinct(make(short), make(long)) for make in (wsd, cosine)]
assert cost == [long + short - by_wsd, long + short - by_cosine], f"cost: {cost[0]} and {cost[1]} steps, WSD and cosine"
print(f"cost: both checkpoints cost {cost[0]} steps with WSD, {cost[1]} with cosine")

mid, end = cosine(long)[short], cosine(short)[-1]        # stop the long cosine half-way
closed = 0.1 + 0.9 * (1 + cos(pi * (short - W) / (long - W))) / 2
assert abs(mid - closed) < 1e-9 and abs(end - 0.1) < 1e-4, f"half-way: {mid:.2f} of the peak, a run planned to end there is at {end:.2f}"
print(f"half-way: the long cosine is still at {mid:.2f} of its peak, a cosine planned for {short} ends at {end:.2f}")
