# bagu: network=loopback
"""Ring reduce-scatter, all-gather and all-reduce between real processes, counting the elements that each rank sends."""
import multiprocessing
import os
import torch
import torch.distributed as dist

N, n = 3, 12                                     # ranks, elements


# --8<-- [start:ring]
def shift(x, me):                                # to the right neighbour, from the left one
    global sent
    sent, got = sent + x.numel(), torch.empty_like(x)
    work = dist.isend(x.contiguous(), (me + 1) % N)
    dist.recv(got, (me - 1) % N)
    work.wait()
    return got


def reduce_scatter(x, me):                       # everybody's (n,) -> the sum of my part, (n / N,)
    parts = list(x.clone().chunk(N))
    for i in range(1, N):                        # N - 1 rounds of n / N elements
        parts[(me - i - 1) % N] += shift(parts[(me - i) % N], me)
    return parts[me]


def all_gather(part, me):                        # my (n / N,) -> all parts, (n,)
    parts = {me: part}
    for i in range(1, N):
        parts[(me - i) % N] = shift(parts[(me - i + 1) % N], me)
    return torch.cat([parts[i] for i in range(N)])
# --8<-- [end:ring]


def rank(me, queue):
    global sent
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store", rank=me, world_size=N)
    x = torch.randn(n, generator=torch.Generator().manual_seed(me), dtype=torch.float64)
    total = x.clone()
    dist.all_reduce(total)                       # oracle: PyTorch's own collective
    sent = 0
    part = reduce_scatter(x, me)
    scattered = sent
    assert torch.allclose(part, total.chunk(N)[me], atol=1e-14), "scatter-exact: my part of the sum"
    whole = all_gather(part, me)
    assert torch.allclose(whole, total, atol=1e-14), "ring-exact: reduce-scatter, then all-gather, is all-reduce"
    queue.put((os.getpid(), dist.get_world_size(), scattered, sent))
    dist.destroy_process_group()


context = multiprocessing.get_context("fork")
queue = context.SimpleQueue()
ranks = [context.Process(target=rank, args=(me, queue)) for me in range(N)]
[process.start() for process in ranks], [process.join() for process in ranks]
assert [p.exitcode for p in ranks] == [0] * N, f"ranks-end-well: {[p.exitcode for p in ranks]}"
pids, sizes, scattered, sent = zip(*(queue.get() for _ in ranks))
processes = len({*pids} | {os.getpid()})         # different ones, this one included
assert processes == N + 1 and set(sizes) == {N} and N > 1, f"real-processes: {N} ranks"
unit = n * (N - 1) // N
assert set(scattered) == {unit}, f"half: a rank sends {scattered[0]} elements in the reduce-scatter, not {unit}"
assert set(sent) == {2 * unit}, f"all-reduce: a rank sends {sent[0]} elements, not {2 * unit}"
print(f"half: reduce-scatter of {n} elements over {N} ranks: each sends {scattered[0]}")
print(f"all-reduce: reduce-scatter, then all-gather: each sends {sent[0]} = 2 (1 - 1/{N}) {n}; equal to dist.all_reduce")
