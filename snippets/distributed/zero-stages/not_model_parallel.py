# bagu: network=loopback
"""Refutes: ZeRO-3 is model parallelism. It moves weights and computes whole layers on its own samples."""
import multiprocessing
import os
import torch
import torch.distributed as dist

N, d = 2, 32


def tensor_parallel(W1, W2, x):
    """Columns of W1, rows of W2: every rank sees all samples and computes a part; activations are summed."""
    me = dist.get_rank()
    columns, rows = W1.chunk(N, 1)[me], W2.chunk(N, 0)[me]       # (d, d / N), (d / N, d)
    assert columns.shape[1] == rows.shape[0], "pairs: my columns of W1 meet my rows of W2"
    out = torch.relu(x @ columns) @ rows
    dist.all_reduce(out)
    return out, (N - 1) / N * 2 * out.numel()    # what a ring sends


def zero3(W1, W2, x):
    """Every rank stores 1/N of the weights, gathers them layer by layer, and computes its own samples."""
    me, sent, n = dist.get_rank(), 0, len(x) // N
    h = x[me * n : (me + 1) * n]
    for W in (W1, W2):
        mine, parts = W.flatten().chunk(N)[me].clone(), [torch.empty(d * d // N) for _ in range(N)]
        assert mine.numel() * N == W.numel(), f"share: a rank stores {mine.numel()} of {W.numel()} weights"
        dist.all_gather(parts, mine)
        sent, h = sent + (N - 1) * mine.numel(), h @ torch.cat(parts).view(d, d)
        h = torch.relu(h) if W is W1 else h
    return h, sent


def rank(me, queue):
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store", rank=me, world_size=N)
    torch.manual_seed(0)
    W1, W2, traffic = torch.randn(d, d), torch.randn(d, d), []
    for batch in (64, 128):
        x = torch.randn(batch, d)
        exact = torch.relu(x @ W1) @ W2
        (a, sent_a), (b, sent_b) = tensor_parallel(W1, W2, x), zero3(W1, W2, x)
        assert len(a) == batch == N * len(b), f"samples: {len(a)} in tensor parallelism, {len(b)} in ZeRO-3"
        assert torch.allclose(a, exact, rtol=1e-4, atol=1e-3), "tp-exact: every rank has the output of all samples"
        assert torch.allclose(b, exact.chunk(N)[me], rtol=1e-4, atol=1e-3), "zero-exact: the output of my samples"
        traffic.append((sent_a, sent_b))
    queue.put((os.getpid(), *traffic))
    dist.destroy_process_group()


context = multiprocessing.get_context("fork")
queue = context.SimpleQueue()
ranks = [context.Process(target=rank, args=(me, queue)) for me in range(N)]
[process.start() for process in ranks], [process.join() for process in ranks]
assert [p.exitcode for p in ranks] == [0] * N, f"ranks-end-well: {[p.exitcode for p in ranks]}"
pids, *reports = zip(*(queue.get() for _ in ranks))
processes = len({*pids} | {os.getpid()})         # different ones, this one included
assert processes == N + 1, f"real-processes: {pids}"
print("tp-exact, zero-exact: both compute the same layers, tensor parallelism for all samples, ZeRO-3 for its own")

(small,), (large,) = map(set, reports)           # (tensor parallelism, ZeRO-3), the same on both ranks
assert small == (64 * d, d * d), f"sent: {small}: of two ranks each sends all activations, or half of both layers"
claimed, actual = large[0] / small[0], large[1] / small[1]       # tensor parallelism moves activations; ZeRO-3 weights
print(f"claimed {claimed:.0f}, actual {actual:.0f}: growth of the forward traffic when the batch doubles")
assert actual == 1 < claimed == 2, f"not-model-parallel: {actual:.0f} times, not {claimed:.0f} times"
