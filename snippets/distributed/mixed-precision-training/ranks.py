# bagu: network=loopback
"""Two processes, one of them overflows: who skips the step? Gradients in shards, and gradients all-reduced."""
import multiprocessing
import os

import torch
import torch.distributed as dist
from torch.distributed.fsdp.sharded_grad_scaler import ShardedGradScaler

N, S = 2, 2.0**16


# --8<-- [start:step]
def step(scaler, gradient, all_reduce=False):
    """One step of SGD on this rank's weight from 0: the scale afterwards, and whether the weight moved."""
    w = torch.nn.Parameter(torch.zeros(1))
    opt = torch.optim.SGD([w], lr=1.0)
    w.grad = scaler.scale(torch.tensor([gradient])).half().float()         # as fp16 backward leaves it
    if all_reduce:
        dist.all_reduce(w.grad)                            # DDP: everybody gets the sum
    scaler.step(opt)
    scaler.update()
    return scaler.get_scale(), w.item() != 0
# --8<-- [end:step]


def rank(me, queue):
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store", rank=me, world_size=N)
    g = (0.9, 1.0)[me]                                     # 1.0 * 2^16 is above 65504: only rank 1 overflows
    plain = lambda: torch.amp.GradScaler("cpu", init_scale=S)
    results = {"alone": step(plain(), g), "ddp": step(plain(), g, all_reduce=True),
               "sharded": step(ShardedGradScaler("cpu", init_scale=S), g)}
    queue.put((me, os.getpid(), dist.get_world_size(), results))
    dist.destroy_process_group()


context = multiprocessing.get_context("fork")
queue = context.SimpleQueue()
ranks = [context.Process(target=rank, args=(me, queue)) for me in range(N)]
[process.start() for process in ranks], [process.join() for process in ranks]
assert [p.exitcode for p in ranks] == [0] * N, f"ranks-end-well: {[p.exitcode for p in ranks]}"
_, pids, sizes, results = zip(*sorted(queue.get() for _ in ranks))
processes = len({*pids} | {os.getpid()})                   # different ones, this one included
assert processes == N + 1 and sizes == (N, N), f"real-processes: {pids}"
seen = {way: [r[way] for r in results] for way in ("alone", "ddp", "sharded")}
assert seen["alone"] == [(S, True), (S / 2, False)], f"alone: {seen['alone']}"
print(f"alone: each rank checks its own shard: rank 0 steps and keeps {S:.0f}, rank 1 skips and halves it to {S / 2:.0f}")
assert seen["ddp"] == 2 * [(S / 2, False)], f"ddp: {seen['ddp']}"
assert seen["sharded"] == 2 * [(S / 2, False)], f"sharded: {seen['sharded']}"
print(f"ddp: after the all-reduce both skip; sharded: so they do when found_inf is all-reduced; both scales are {S / 2:.0f}")
