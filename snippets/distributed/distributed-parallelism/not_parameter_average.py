# bagu: network=loopback
"""Refutes: DDP averages the parameters, or the losses. It averages gradients; with Adam the others end elsewhere."""
import multiprocessing
import os
import torch
import torch._dynamo                                # DDP needs it: once, before the processes part
import torch.distributed as dist
import torch.nn as nn
from torch.nn.parallel import DistributedDataParallel as DDP

N, d, lr = 2, 64, 0.01


def average(x):
    dist.all_reduce(x)
    return x / N


# --8<-- [start:ways]
def step(way, optimizer, x, y):
    """What one step does to the weights: DDP, parameters averaged afterwards, or only the loss averaged."""
    torch.manual_seed(0)
    net = nn.Linear(d, d).double()
    before = net.weight.detach().clone()
    model = DDP(net) if way == "gradients" else net
    update = optimizer(model.parameters(), lr=lr)
    loss = (model(x) - y).square().sum(1).mean()     # the mean over my own samples
    if way == "losses":                              # one number goes round; the graph behind it is mine
        loss = loss + (average(loss.detach().clone()) - loss.detach())
    apart = abs(loss.item() - average(loss.detach().clone()).item())
    assert (apart < 1e-12) == (way == "losses"), f"loss-shared: {way}: {apart:.1e} from the average"
    loss.backward()
    update.step()
    after = average(net.weight.detach().clone()) if way == "parameters" else net.weight.detach()
    return after - before
# --8<-- [end:ways]


def rank(me, queue):
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store", rank=me, world_size=N)
    x, y = X.chunk(N)[me], Y.chunk(N)[me]
    sgd, adam, split = torch.optim.SGD, torch.optim.Adam, []
    gap = (step("gradients", sgd, x, y) - step("parameters", sgd, x, y)).abs().max().item()
    assert gap < 1e-14, f"sgd-same: one step of plain SGD is linear in the gradient: {gap:.0e}"
    for way in ("gradients", "losses"):
        dist.all_gather(replicas := [torch.empty(d, d).double() for _ in range(N)], step(way, sgd, x, y))
        split.append((replicas[0] - replicas[1]).abs().max().item() / replicas[0].abs().max().item())
    assert split[0] == 0 and split[1] > 0.1, f"losses-split: replicas differ by {split}"
    moved = [step(way, adam, x, y).abs().mean().item() / lr for way in ("gradients", "parameters")]
    agree = average(step("alone", adam, x, y).sign()).abs().mean().item()    # Adam's first step is lr times a sign
    assert abs(moved[1] - agree) < 1e-4, f"signs: {moved[1]:.4f} moved, {agree:.4f} of the signs agree"
    queue.put((os.getpid(), dist.get_world_size(), moved))
    dist.destroy_process_group()


torch.manual_seed(0)
X, Y = torch.randn(2, 32, d).double()
context = multiprocessing.get_context("fork")
queue = context.SimpleQueue()
ranks = [context.Process(target=rank, args=(me, queue)) for me in range(N)]
[process.start() for process in ranks], [process.join() for process in ranks]
assert [r.exitcode for r in ranks] == [0] * N, f"ranks-end-well: {[r.exitcode for r in ranks]}"
pids, sizes, moved = zip(*(queue.get() for _ in ranks))
processes = len({*pids} | {os.getpid()})            # this one included
assert processes == N + 1 and set(sizes) == {N}, f"real-processes: {pids}"
print("sgd-same: one step of plain SGD: averaging parameters and averaging gradients agree, within 1e-14")
print("signs: opposite steps of two ranks cancel when the parameters are averaged")
print("losses-split: with only the loss averaged the replicas have different weights after one step")
claimed, actual = moved[0][1], moved[0][0]           # parameters averaged; DDP
print(f"claimed {claimed:.1f}, actual {actual:.1f}: mean length of Adam's first step, in learning rates")
assert abs(actual - 1) < 1e-4 and actual - claimed > 0.1, f"not-parameter-average: {actual:.2f}, not {claimed:.2f}"
