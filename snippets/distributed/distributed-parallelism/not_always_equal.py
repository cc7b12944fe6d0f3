# bagu: network=loopback
"""Refutes: DDP always equals one device on the whole batch. Not with unequal shards, nor with batch statistics."""
import multiprocessing
import os
import torch
import torch._dynamo                                # DDP needs it: once, before the processes part
import torch.distributed as dist
import torch.nn as nn
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DistributedSampler

N = 2
torch.manual_seed(0)
tokens = [torch.tensor([[1.0]]), torch.tensor([[5.0], [5.0], [5.0]])]    # what is left on each rank after padding is masked
whole = torch.cat(tokens)
apart = torch.tensor([[0.0], [2.0], [100.0], [102.0]]).double().chunk(N)


# --8<-- [start:equal]
def gradient(x, weight):                             # loss = weight * mean(w x): its gradient is weight * mean(x)
    model = DDP(nn.Linear(1, 1, bias=False))
    (weight * model(x).mean()).backward()
    return model.module.weight.grad.item()


def normalized(x):
    model = DDP(nn.BatchNorm1d(1).double())
    return model(x).flatten().tolist()


def rank(me, queue):
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store", rank=me, world_size=N)
    mine = tokens[me]
    dist.all_reduce(total := torch.tensor(len(mine)))
    naive = gradient(mine, 1)                        # mean over mine, averaged over ranks: a mean of means
    mended = gradient(mine, N * len(mine) / total.item())    # sum over mine / total; N undoes DDP's average
    normed = normalized(apart[me])                   # the statistics of this rank alone
    queue.put((os.getpid(), dist.get_world_size(), naive, mended, normed))
    dist.destroy_process_group()
# --8<-- [end:equal]


context = multiprocessing.get_context("fork")
queue = context.SimpleQueue()
ranks = [context.Process(target=rank, args=(me, queue)) for me in range(N)]
[process.start() for process in ranks], [process.join() for process in ranks]
assert [r.exitcode for r in ranks] == [0] * N, f"ranks-end-well: {[r.exitcode for r in ranks]}"
pids, sizes, naive, mended, normed = zip(*(queue.get() for _ in ranks))
processes = len({*pids} | {os.getpid()})            # this one included
assert processes == N + 1 and set(sizes) == {N}, f"real-processes: {pids}"
assert set(mended) == {whole.mean().item()}, f"mended: {mended}, the mean of all tokens is {whole.mean().item()}"
print(f"mended: scaled by N n_r / n the gradient is {mended[0]:.0f}, the mean of all {len(whole)} tokens")
together = nn.BatchNorm1d(1).double()(torch.cat(apart)).flatten().tolist()
assert abs(normed[0][0] - normed[1][0]) < 1e-9 < 1 < together[2] - together[0], f"batch-norm: {normed}, {together}"
print("batch-norm: inputs 0 and 100 on two ranks are normalized to the same value; on one device they are not")
sampler = DistributedSampler(range(1000), num_replicas=N, rank=0, shuffle=True)
first, second = list(sampler), list(sampler)
sampler.set_epoch(1)
assert first == second != list(sampler), f"same-order: {first[:4]} and {second[:4]}"
print("same-order: without set_epoch the second epoch has the order of the first")
claimed, actual = whole.mean().item(), naive[0]
print(f"claimed {claimed:.0f}, actual {actual:.0f}: DDP's gradient for one token of 1 on a rank and three of 5 on the other")
assert actual == sum(x.mean().item() for x in tokens) / N < claimed - 0.5, f"not-always-equal: {actual}, not {claimed}"
