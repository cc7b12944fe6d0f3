# bagu: network=loopback seconds=60
"""Refutes: ZeRO-3 reduces communication. PyTorch's FSDP, and data parallelism by all-reduce, their collectives counted."""
import multiprocessing
import os
import torch
import torch.distributed as dist
import torch.nn as nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.utils._python_dispatch import TorchDispatchMode

N, d, layers = 2, 32, 4
ring = {"allgather": 1, "reduce_scatter": 1, "allreduce": 2}     # elements a ring sends, over 1 - 1/N: see ring.py


class Count(TorchDispatchMode):
    """Adds up the elements of all collectives of the process group."""
    sent = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        for name, factor in ring.items():
            if f"c10d::{name.replace('_', '')}" in func.name().replace("_", ""):
                flat = [t for a in args[:2] for t in (a if isinstance(a, (list, tuple)) else [a]) if torch.is_tensor(t)]
                self.sent += factor * max(t.numel() for t in flat)
        return func(*args, **(kwargs or {}))


def traffic(reshard, x):
    """Elements sent per parameter in one forward and backward pass, over 1 - 1/N, and the weights seen in forward."""
    torch.manual_seed(0)
    net = nn.Sequential(*(nn.Linear(d, d, bias=False) for _ in range(layers)))
    shapes = []
    if reshard is None:
        params = list(net.parameters())
    else:
        mesh = init_device_mesh("cpu", (N,))
        for layer in net:
            fully_shard(layer, mesh=mesh, reshard_after_forward=reshard)
            layer.register_forward_hook(lambda m, i, o: shapes.append((tuple(m.weight.shape), len(i[0]))))
        fully_shard(net, mesh=mesh, reshard_after_forward=reshard)
        rest = sum(p.to_local().numel() for p in net.parameters()) / (layers * d * d)
    with Count() as count:
        net(x).square().mean().backward()
        if reshard is None:                      # data parallelism
            for p in params:
                dist.all_reduce(p.grad)
            rest = 1.0
    grads = [p.grad if reshard is None else p.grad.full_tensor() * N for p in net.parameters()]
    return count.sent / (layers * d * d), rest, shapes, torch.stack(grads)


def rank(me, queue):
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store", rank=me, world_size=N)
    x = torch.randn(N, 8, d, generator=torch.Generator().manual_seed(1))[me].requires_grad_()
    ddp, full, grad_op = (traffic(r, x) for r in (None, True, False))
    assert torch.allclose(ddp[3], full[3], atol=1e-6), "same-gradient: FSDP and data parallelism must agree"
    queue.put((os.getpid(), ddp[:2], full[:3], grad_op[:3]))
    dist.destroy_process_group()


context = multiprocessing.get_context("fork")
queue = context.SimpleQueue()
ranks = [context.Process(target=rank, args=(me, queue)) for me in range(N)]
[process.start() for process in ranks], [process.join() for process in ranks]
assert [p.exitcode for p in ranks] == [0] * N, f"ranks-end-well: {[p.exitcode for p in ranks]}"
pids, ddp, full, grad_op = zip(*(queue.get() for _ in ranks))
processes = len({*pids} | {os.getpid()})         # different ones, this one included
assert processes == N + 1, f"real-processes: {pids}"
assert full[0][1] == grad_op[0][1] == 1 / N, f"rest-sharded: {full[0][1]} and {grad_op[0][1]} of the parameters at rest"
seen = {shape for report in full for shape in report[2]}
assert seen == {((d, d), 8)}, f"whole-layer: weight and samples in the forward pass {seen}"
assert grad_op[0][0] == 2, f"grad-op: {grad_op[0][0]} without resharding after the forward pass"
print(f"rest-sharded: between steps a rank stores {full[0][1]} of the parameters, whether or not it reshards after forward")
print(f"whole-layer: in the forward pass each rank holds a whole {d} x {d} weight, and its own 8 samples")
print(f"grad-op: {grad_op[0][0]:.0f} elements sent per parameter without resharding after the forward pass")

claimed, actual = ddp[0][0], full[0][0]          # at most data parallelism's traffic, if stage 3 reduced it
print(f"claimed less than {claimed:.0f}, actual {actual:.0f}: elements sent per parameter and step, over 1 - 1/N")
assert actual > claimed == 2, f"not-less-traffic: {actual:.0f} elements, data parallelism {claimed:.0f}"
print(f"not-less-traffic: {actual / claimed:.1f} times the traffic of data parallelism")
