# bagu: network=loopback
"""Refutes: ZeRO stage 1 is "every GPU keeps a complete copy". PyTorch's own ZeRO-1 splits the optimizer states."""
import multiprocessing
import os
import torch
import torch.distributed as dist
import torch.nn as nn
from torch.distributed.optim import ZeroRedundancyOptimizer

N = 2


def states(optimizer):                           # bytes of Adam's two moments on this rank
    return sum(t.nbytes for state in optimizer.state.values() for t in state.values() if t.dim())


def rank(me, queue):
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store", rank=me, world_size=N)
    zero1 = ZeroRedundancyOptimizer(nets[1].parameters(), optimizer_class=torch.optim.Adam, lr=0.1)
    x = data[me]                                 # my samples
    for net, optimizer in zip(nets, (plain, zero1)):
        net(x).square().mean().backward()
        for p in net.parameters():
            dist.all_reduce(p.grad)
        optimizer.step()
    same = all(torch.allclose(a, b) for a, b in zip(*(net.parameters() for net in nets)))
    assert same, "same-step: ZeRO-1 and Adam must make the same step"
    psi = sum(p.numel() for p in nets[1].parameters())
    queue.put((os.getpid(), psi, states(plain) / psi, states(zero1.optim) / psi))
    dist.destroy_process_group()


torch.manual_seed(0)
nets = [nn.Sequential(*(nn.Linear(32, 32) for _ in range(4))) for _ in range(2)]         # two models, the same weights
nets[1].load_state_dict(nets[0].state_dict())
plain = torch.optim.Adam(nets[0].parameters(), lr=0.1)
data = torch.randn(N, 8, 32)
context = multiprocessing.get_context("fork")
queue = context.SimpleQueue()
ranks = [context.Process(target=rank, args=(me, queue)) for me in range(N)]
[process.start() for process in ranks], [process.join() for process in ranks]
assert [p.exitcode for p in ranks] == [0] * N, f"ranks-end-well: {[p.exitcode for p in ranks]}"
pids, psi, whole, part = zip(*(queue.get() for _ in ranks))
processes = len({*pids} | {os.getpid()})         # different ones, this one included
assert processes == N + 1, f"real-processes: {pids}"
total = 4 * (32 * 32 + 32)
assert set(psi) == {total}, f"params-whole: ranks hold {psi} of {total} parameters, in ZeRO-1 as in data parallelism"
print("same-step: ZeRO-1 and plain Adam make the same step; the parameters are complete on both ranks")

claimed, actual = whole[0], part[0]             # a complete copy of everything; what ZeRO-1 keeps
print(f"claimed {claimed:.0f}, actual {actual:.0f}: bytes of Adam moments per parameter on one of {N} ranks")
assert claimed == 8 and actual == claimed / N == part[1], f"not-full-copy: {actual} bytes, not {claimed}"
