# bagu: network=loopback
"""What data parallelism (stage 0) and ZeRO-1, 2, 3 send in a step, with and without gradient accumulation."""
import multiprocessing
import os
import torch
import torch.distributed as dist

torch.manual_seed(0)
N, L, d, lr = 4, 2, 16, 0.1                      # processes, layers, width

# --8<-- [start:traffic]
def reduce_scatter(x):                           # everybody's (n,) -> the sum of my part, (n / N,)
    global sent
    dist.reduce_scatter(out := torch.empty_like(x[: len(x) // N]), list(x.chunk(N)))
    sent += (N - 1) * len(out)                   # what a ring sends: counted hop by hop in ring.py
    return out


def all_gather(part):                            # my (n / N,) -> all parts, (n,)
    global sent
    dist.all_gather(parts := [torch.empty_like(part) for _ in range(N)], part)
    sent += (N - 1) * len(part)
    return torch.cat(parts)


def step(stage, x, y, micro):
    """One step of SGD on my samples, in `micro` micro-batches: elements sent per parameter, and the new weights."""
    global sent
    mine = lambda w: w.chunk(N)[me]
    P = [mine(W.flatten()) if stage == 3 else W.flatten() for W in Ws]
    weight = lambda l: (all_gather(P[l]) if stage == 3 else P[l]).view(d, d)     # dropped after use
    sent, G = 0, [0] * L
    for x, y in zip(x.chunk(micro), y.chunk(micro)):
        h = [x]
        for l in range(L):
            h.append(torch.tanh(h[l] @ weight(l)))                       # forward
        delta = 2 * (h[L] - y) / Y.numel()
        for l in reversed(range(L)):
            delta = delta * (1 - h[l + 1] ** 2)
            g = (h[l].T @ delta).flatten()       # (d * d,) gradient of my own samples
            delta = delta @ weight(l).T          # backward: the weight is needed again
            G[l] = G[l] + (reduce_scatter(g) if stage >= 2 else g)       # stages 2, 3 keep no whole gradient
    for l, p in enumerate(P):
        g = G[l] if stage >= 2 else reduce_scatter(G[l])
        g = all_gather(g) if stage == 0 else g   # data parallelism collects gradients,
        own = mine(p) if stage in (1, 2) else p
        assert len(own) == len(g), f"owner: stage {stage}: {len(g)} gradients for {len(own)} parameters"
        P[l] = all_gather(own - lr * g) if stage in (1, 2) else own - lr * g     # stages 1, 2 new parameters, 3 none
    return sent / Ws.numel(), [all_gather(p) if stage == 3 else p for p in P]
# --8<-- [end:traffic]


def rank(me_, queue):
    global me
    me, report = me_, {}
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store", rank=me, world_size=N)
    for stage in range(4):
        for micro in (1, 4):
            report[stage, micro], P = step(stage, X.chunk(N)[me], Y.chunk(N)[me], micro)
            gap = max((p.view(d, d) - W).abs().max().item() for p, W in zip(P, trained))
            assert gap < 1e-12, f"same-step: stage {stage} differs from one process by {gap:.0e}"
    queue.put((os.getpid(), report))
    dist.destroy_process_group()


Ws, (X, Y) = torch.randn(L, d, d).double() * d ** -0.5, torch.randn(2, 64, d).double()   # the global batch
h, oracle = X, [W.clone().requires_grad_() for W in Ws]                  # one process, autograd, all samples
for W in oracle:
    h = torch.tanh(h @ W)
trained = [W - lr * g for W, g in zip(Ws, torch.autograd.grad((h - Y).square().mean(), oracle))]
queue = multiprocessing.get_context("fork").SimpleQueue()
ranks = [multiprocessing.get_context("fork").Process(target=rank, args=(me, queue)) for me in range(N)]
[process.start() for process in ranks], [process.join() for process in ranks]
assert [p.exitcode for p in ranks] == [0] * N, f"ranks-end-well: {[p.exitcode for p in ranks]}"
pids, reports = zip(*(queue.get() for _ in ranks))
processes = len({*pids} | {os.getpid()})         # different ones, this one included
assert processes == N + 1, f"real-processes: {N} ranks, processes {pids}"
for stage, known in enumerate([(2, 2), (2, 2), (2, 5), (3, 12)]):
    once, often = (reports[0][stage, micro] / (1 - 1 / N) for micro in (1, 4))
    assert (once, often) == known, f"traffic: stage {stage}: {once:.0f}, with 4 micro-batches {often:.0f}"
    print(f"traffic: stage {stage}: {once:.0f} elements a parameter; with 4 micro-batches {often:.0f}")
