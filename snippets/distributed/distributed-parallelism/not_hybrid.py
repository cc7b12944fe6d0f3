# bagu: network=loopback
"""Refutes: DDP is part model parallelism. Every rank holds the whole model; buckets of gradients are averaged."""
import multiprocessing
import os
import torch
import torch._dynamo                                # DDP needs it: once, before the processes part
import torch.distributed as dist
import torch.nn as nn
from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import allreduce_hook
from torch.nn.parallel import DistributedDataParallel as DDP

N, d, layers, flat = 2, 64, 4, nn.utils.parameters_to_vector


def network(seed):
    torch.manual_seed(seed)
    return nn.Sequential(*(part for _ in range(layers) for part in (nn.Linear(d, d), nn.Tanh()))).double()


# --8<-- [start:ddp]
def train(model, x, y, events):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(3):
        events.clear(), optimizer.zero_grad()
        (model(x) - y).square().mean().backward()    # the mean over MY samples
        optimizer.step()
    return flat(model.parameters()).detach()


def distributed(net, x, y, events):
    model = DDP(net, bucket_cap_mb=0.07)             # two layers fit; the default is 25 MB
    net[0].weight.register_hook(lambda grad: events.append("first layer's gradient"))

    def hook(group, bucket):                         # DDP calls it when a bucket is full
        events.append(bucket.buffer().numel())
        return allreduce_hook(group, bucket)         # its ordinary all-reduce: the average

    model.register_comm_hook(None, hook)
    return train(model, x, y, events)


def alone(net):                                      # oracle: no DDP, all samples, momentum by hand
    w, v = list(net.parameters()), 0
    for _ in range(3):
        v = 0.9 * v + flat(torch.autograd.grad(nn.functional.mse_loss(net(X), Y), w))
        nn.utils.vector_to_parameters(flat(w) - 0.1 * v, w)
    return flat(w)


def rank(me, queue):
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store", rank=me, world_size=N)
    w = distributed(network(seed=me), X.chunk(N)[me], Y.chunk(N)[me], events := [])
    dist.all_gather(replicas := [torch.empty_like(w) for _ in range(N)], w)
    spread = sum((w - other).abs().sum().item() for other in replicas)
    assert spread == 0, f"bit-equal: the replicas differ by {spread}"
    gap = (w - alone(network(seed=0))).abs().max().item()    # they all started from rank 0's weights
    assert gap < 1e-14, f"same-training: differs from one process by {gap:.0e}"
    queue.put((os.getpid(), dist.get_world_size(), len(w), events))
    dist.destroy_process_group()
# --8<-- [end:ddp]


X, Y = torch.randn(2, 32, d, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
context = multiprocessing.get_context("fork")
queue = context.SimpleQueue()
ranks = [context.Process(target=rank, args=(me, queue)) for me in range(N)]
[process.start() for process in ranks], [process.join() for process in ranks]
assert [p.exitcode for p in ranks] == [0] * N, f"ranks-end-well: {[p.exitcode for p in ranks]}"
pids, sizes, held, events = zip(*(queue.get() for _ in ranks))
processes = len({*pids} | {os.getpid()})            # this one included
assert processes == N + 1 and set(sizes) == {N}, f"real-processes: {pids}"

print("same-training: after three steps DDP on two halves has the weights of one process on the whole, within 1e-14")
psi, buckets = layers * (d * d + d), [e for e in events[0] if isinstance(e, int)]
assert sum(buckets) == psi and len(buckets) > 1, f"buckets: {buckets} of {psi} gradients"
print(f"buckets: {psi} gradients leave in {len(buckets)} buckets, each once")
before = events[0].index("first layer's gradient")   # buckets that left before it
assert 0 < before == len(buckets) - 1, f"overlap: {events[0]}"
print("overlap: the first bucket leaves before the backward pass has reached the first layer")

claimed, actual = 1 / N, held[0] / psi               # a model that is split; what a rank of DDP holds
print(f"claimed {claimed}, actual {actual:.1f}: part of the model on each of {N} ranks")
assert actual == N * claimed, f"not-hybrid: {actual} of the model on a rank, not {claimed}"
