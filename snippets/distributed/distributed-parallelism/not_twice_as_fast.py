# bagu: network=loopback
"""Refutes: layers on two devices run twice as fast. A pipeline of two real processes whose messages carry a clock."""
import multiprocessing
import os
import torch
import torch.distributed as dist
import torch.nn as nn

p, d, batch = 2, 16, 32                              # stages, width, samples
torch.manual_seed(0)
stages = [nn.Sequential(nn.Linear(d, d), nn.Tanh(), nn.Linear(d, d)).double() for _ in range(p)]
X, Y = torch.randn(2, batch, d).double()


# --8<-- [start:pipeline]
def pipeline(me, m):
    """Gradients of my stage, and the time when I finish: a row costs 1 forward and 2 backward."""
    clock, sent, kept, stage = 0, 0, [], stages[me]
    stage.zero_grad()

    def send(x, to):
        nonlocal sent
        sent += x.numel()
        dist.send(x.detach(), to), dist.send(torch.tensor(clock), to)

    def receive(shape, source):
        dist.recv(x := torch.empty(shape).double(), source), dist.recv(then := torch.tensor(0), source)
        return x, max(clock, then.item())            # nothing starts before its input is there

    for x, y in zip(X.chunk(m), Y.chunk(m)):         # forward, all micro-batches
        if me > 0:
            x, clock = receive(x.shape, me - 1)
        out, clock = stage(x.requires_grad_()), clock + len(x)
        if me < p - 1:
            send(out, me + 1)
        kept.append((x, out if me < p - 1 else (out - y).square().mean() / m))
    for x, out in kept:                              # backward, all micro-batches; gradients accumulate
        grad = None
        if me < p - 1:
            grad, clock = receive(out.shape, me + 1)
        out.backward(grad)
        clock += 2 * len(x)
        if me > 0:
            send(x.grad, me - 1)
    return [w.grad.clone() for w in stage.parameters()], clock, sent
# --8<-- [end:pipeline]


def rank(me, queue):
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store", rank=me, world_size=p)
    (nn.Sequential(*stages)(X) - Y).square().mean().backward()   # oracle: one device, the whole batch
    oracle, times = [w.grad.clone() for w in stages[me].parameters()], {}
    for m in (1, 2, 4, 8):
        grads, clock, sent = pipeline(me, m)
        gap = max((g - o).abs().max().item() for g, o in zip(grads, oracle))
        assert gap < 1e-14, f"same-gradient: {m} micro-batches differ from one device by {gap:.0e}"
        assert sent == batch * d, f"boundary: {sent} elements sent, whatever the number of micro-batches"
        times[m] = clock
    queue.put((me, os.getpid(), dist.get_world_size(), times))
    dist.destroy_process_group()


context = multiprocessing.get_context("fork")
queue = context.SimpleQueue()
ranks = [context.Process(target=rank, args=(me, queue)) for me in range(p)]
[process.start() for process in ranks], [process.join() for process in ranks]
assert [r.exitcode for r in ranks] == [0] * p, f"ranks-end-well: {[r.exitcode for r in ranks]}"
_, pids, sizes, times = zip(*sorted(queue.get() for _ in ranks))
processes = len({*pids} | {os.getpid()})            # this one included
assert processes == p + 1 and set(sizes) == {p}, f"real-processes: {pids}"

speedup = {m: p * batch * 3 / max(t[m] for t in times) for m in times[0]}    # one device: all rows, both stages
for m, times_faster in speedup.items():
    assert abs(times_faster - p * m / (m + p - 1)) < 1e-9, f"speedup: {m} micro-batches: {times_faster:.2f} times"
    print(f"speedup: {m} micro-batches: {times_faster:.2f} times as fast as one device")
claimed, actual = p, speedup[1]                      # no micro-batches: naive model parallelism
print(f"claimed {claimed}, actual {actual:.2f}: times as fast, with the layers cut in {p} and the batch whole")
assert actual == claimed / p, f"not-twice-as-fast: {actual:.2f} times, not {claimed}"
