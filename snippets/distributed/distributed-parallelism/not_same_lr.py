# bagu: network=loopback
"""Refutes: with more ranks and the same batch per rank, the same learning rate trains the same. An epoch of DDP each."""
import multiprocessing
import os
import torch
import torch._dynamo                                # DDP needs it: once, before the processes part
import torch.distributed as dist
import torch.nn as nn
from torch.nn.parallel import DistributedDataParallel as DDP

N, samples, batch, lr = 4, 64, 1, 0.005
torch.manual_seed(0)
X = 1 + 0.1 * torch.randn(samples, 1).double()       # pull the weight from 0 to their mean, 1


# --8<-- [start:epoch]
def epoch(x, lr, wrap=lambda net: net):              # one epoch over MY samples: how far the weight has come
    net = nn.Linear(1, 1, bias=False).double()
    nn.init.zeros_(net.weight)
    model, steps = wrap(net), 0
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for target in x.split(batch):
        optimizer.zero_grad()
        (model(torch.ones_like(target)) - target).square().mean().backward()
        optimizer.step()
        steps += 1
    return net.weight.item(), steps


def rank(me, queue):
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store", rank=me, world_size=N)
    mine = X[me::N]
    queue.put((os.getpid(), dist.get_world_size(), epoch(mine, lr, DDP), epoch(mine, N * lr, DDP)))
    dist.destroy_process_group()
# --8<-- [end:epoch]


context = multiprocessing.get_context("fork")
queue = context.SimpleQueue()
ranks = [context.Process(target=rank, args=(me, queue)) for me in range(N)]
[process.start() for process in ranks], [process.join() for process in ranks]
assert [r.exitcode for r in ranks] == [0] * N, f"ranks-end-well: {[r.exitcode for r in ranks]}"
pids, sizes, same, scaled = zip(*(queue.get() for _ in ranks))
processes = len({*pids} | {os.getpid()})            # this one included
assert processes == N + 1 and set(sizes) == {N}, f"real-processes: {pids}"
one, steps = epoch(X, lr)
assert (steps, same[0][1]) == (samples, samples // N), f"steps: {same[0][1]} steps an epoch on {N} ranks, {steps} on one"
print(f"steps: an epoch is {steps} steps on one rank, {same[0][1]} on {N}: the average does not make a step longer")
assert abs(scaled[0][0] / one - 1) < 0.05, f"scaled: {scaled[0][0]:.3f} with {N} times the learning rate, {one:.3f}"
print(f"scaled: within 5% of one rank with {N} times the learning rate")
limit = [1 - (1 - 2 * lr) ** n for n in (steps, steps // N)]     # without noise each step closes 2 lr of the distance
assert max(abs(one - limit[0]), abs(same[0][0] - limit[1])) < 0.02, f"closed-form: {one:.3f}, {same[0][0]:.3f}, {limit}"
claimed, actual = one, same[0][0]
print(f"claimed {claimed:.2f}, actual {actual:.2f}: way to the optimum after an epoch, one rank and {N} ranks, the same lr")
assert actual < 0.5 * claimed, f"not-same-lr: {actual:.2f}, not {claimed:.2f}"
