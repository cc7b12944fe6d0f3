# bagu: network=loopback
"""Refutes: DataParallel sums gradients and DDP averages them, so that they differ by N. Both are run."""
import copy
import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
import torch
import torch._dynamo                                # DDP needs it: once, before the processes part
import torch.distributed as dist
import torch.nn as nn
from torch.func import functional_call
from torch.nn.parallel import DistributedDataParallel as DDP

N, d = 2, 32


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(d, d), nn.Tanh(), nn.Linear(d, 1)).double()


# --8<-- [start:dp]
def data_parallel(net, x):                           # what nn.DataParallel does, one process, N threads
    weights = [{k: p.clone() for k, p in net.named_parameters()} for _ in range(N)]   # sent again in every forward pass
    modules = [copy.deepcopy(net) for _ in range(N)]
    shards = x.chunk(N)                              # scatter
    with ThreadPoolExecutor(N) as threads:
        outputs = list(threads.map(functional_call, modules, weights, shards))
    return torch.cat(outputs)                        # gather, on device 0
# --8<-- [end:dp]


def gradient(net):
    return torch.cat([p.grad.flatten() for p in net.parameters()])


def distributed(net, x, y):                          # DDP, on my own samples: their mean
    model = DDP(net)
    ((model(x) - y) ** 2).sum().div(len(y)).backward()
    return gradient(net)


def rank(me, queue):
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store", rank=me, world_size=N)
    g = distributed(network(), X.chunk(N)[me], Y.chunk(N)[me])
    queue.put((os.getpid(), dist.get_world_size(), g.tolist()))
    dist.destroy_process_group()


torch.manual_seed(0)
X, Y = torch.randn(32, d).double(), torch.randn(32, 1).double()
context = multiprocessing.get_context("fork")
queue = context.SimpleQueue()
ranks = [context.Process(target=rank, args=(me, queue)) for me in range(N)]
[process.start() for process in ranks], [process.join() for process in ranks]
assert [p.exitcode for p in ranks] == [0] * N, f"ranks-end-well: {[p.exitcode for p in ranks]}"
pids, sizes, ddp = zip(*(queue.get() for _ in ranks))
processes = len({*pids} | {os.getpid()})            # this one included
assert processes == N + 1 and set(sizes) == {N}, f"real-processes: {pids}"

one, dp = network(), network()
nn.MSELoss()(one(X), Y).backward()                   # oracle: no parallelism
((data_parallel(dp, X) - Y) ** 2).sum().div(len(Y)).backward()   # mean over the WHOLE batch; backward sums over replicas
assert torch.allclose(gradient(dp), gradient(one), atol=1e-12), "dp-exact: the sum over replicas is the gradient"
assert torch.allclose(torch.tensor(ddp[1], dtype=torch.float64), gradient(one), atol=1e-12), "ddp-exact: so is the average over ranks"
print("dp-exact, ddp-exact: both give the gradient of one device on the whole batch")
claimed, actual = N, (gradient(dp).norm() / torch.tensor(ddp[0], dtype=torch.float64).norm()).item()
print(f"claimed {claimed}, actual {actual:.3f}: norm of DataParallel's gradient over that of DDP's, {N} replicas")
assert abs(actual - 1) < 1e-6 < claimed - 1, f"not-summed: {actual:.3f} times, not {claimed}"
