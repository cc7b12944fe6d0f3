# bagu: network=loopback
"""Data parallelism (stage 0) and ZeRO-1, 2, 3 by hand, in real processes: the same weights, fewer bytes on each."""
import multiprocessing
import os
import torch
import torch.distributed as dist

torch.manual_seed(0)
d, lr, b1, b2 = 16, 0.01, 0.9, 0.999

# --8<-- [start:memory]
def reduce_scatter(x):                           # everybody's (n,) -> the sum of my part, (n / N,)
    dist.reduce_scatter(out := torch.empty_like(x[: len(x) // N]), list(x.chunk(N)))
    return out


def all_gather(part):                            # my (n / N,) -> all parts, (n,)
    assert len(part) * N == W.numel(), f"share: {len(part)} elements from each of {N} ranks"
    dist.all_gather(parts := [torch.empty_like(part) for _ in range(N)], part)
    return torch.cat(parts)


def train(stage, x, y, low, high):               # two steps of Adam on y = tanh(x W) in two precisions
    mine = lambda w: w.chunk(N)[me].clone()
    p = (mine if stage == 3 else torch.clone)(W.flatten().to(low))       # stage 3: parameters
    o = (mine(p) if stage in (1, 2) else p).to(high, copy=True)          # stage 1: fp32 master copy
    m, v, x, y = torch.zeros_like(o), torch.zeros_like(o), x.to(low), y.to(low)  # and two moments
    for t in (1, 2):
        w = all_gather(p) if stage == 3 else p   # a whole layer, dropped after use
        h = torch.tanh(x @ w.view(d, d))
        g = (x.T @ (2 * (h - y) / (N * y.numel()) * (1 - h ** 2))).flatten()     # gradient of my own samples
        g = reduce_scatter(g) if stage >= 2 else g                       # stage 2: gradients
        held = [sum(a.untyped_storage().nbytes() for a in part) for part in ((p,), (g,), (o, m, v))]
        g = g if stage >= 2 else reduce_scatter(g)
        g = (all_gather(g) if stage == 0 else g).to(high)
        assert len(g) == len(o), f"owner: stage {stage}: a rank updates {len(o)} parameters with {len(g)} gradients"
        m.lerp_(g, 1 - b1), v.lerp_(g * g, 1 - b2)                       # Adam on what I own
        o -= lr * (m / (1 - b1 ** t)) / ((v / (1 - b2 ** t)).sqrt() + 1e-8)
        p = all_gather(o.to(low)) if stage in (1, 2) else o.to(low)      # low precision again, for the next forward
    return p, [n / W.numel() for n in held]
# --8<-- [end:memory]


def rank(me_, N_, queue):
    global me, N
    me, N, f64, report = me_, N_, torch.float64, {}
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store{N}", rank=me, world_size=N)
    for stage in range(4):                       # my samples only
        p, _ = train(stage, X.chunk(N)[me], Y.chunk(N)[me], f64, f64)
        gap = ((all_gather(p) if stage == 3 else p) - trained.detach().flatten()).abs().max().item()
        assert gap < 1e-12, f"same-result: stage {stage} differs from one process by {gap:.0e}"
        report[stage] = train(stage, X.chunk(N)[me], Y.chunk(N)[me], torch.bfloat16, torch.float32)[1]
    queue.put((os.getpid(), report))
    dist.destroy_process_group()


def world(N):
    queue = multiprocessing.get_context("fork").SimpleQueue()
    ranks = [multiprocessing.get_context("fork").Process(target=rank, args=(me, N, queue)) for me in range(N)]
    [process.start() for process in ranks], [process.join() for process in ranks]
    assert [p.exitcode for p in ranks] == [0] * N, f"ranks-end-well: {[p.exitcode for p in ranks]}"
    pids, reports = zip(*(queue.get() for _ in ranks))
    processes = len({*pids} | {os.getpid()})     # different ones, this one included
    assert processes == N + 1, f"real-processes: {N} ranks, processes {pids}"
    return reports[0]


W, X, Y = torch.randn(d, d, dtype=torch.float64) * d ** -0.5, *torch.randn(2, 64, d, dtype=torch.float64)
adam = torch.optim.Adam([trained := W.clone().requires_grad_()], lr=lr, betas=(b1, b2))        # oracle: one process,
for _ in range(2):                                                       # autograd, all samples
    adam.zero_grad(), (torch.tanh(X @ trained) - Y).square().mean().backward(), adam.step()
two, four = world(2), world(4)
print("same-result: all stages, in 2 and in 4 processes, train to the weights of one process, within 1e-12")
paper = (120, 31.4, 16.6, 1.9)                   # GB a GPU for 7.5 billion parameters on 64 GPUs, Figure 1
for stage, known in enumerate([(2, 2, 12), (2, 2, 3), (2, .5, 3), (.5, .5, 3)]):
    p, g, o = b4 = four[stage]
    gb = 7.5 * sum(y + 4 * (x - y) * (1 / 64 - 1 / 4) for x, y in zip(two[stage], b4))   # fixed + shared / N, to N = 64
    print(f"bytes: stage {stage}, N = 4: params {p:.1f}, grads {g:.1f}, optimizer {o:.1f} bytes a parameter")
    print(f"paper-table: stage {stage}: 7.5 billion parameters on 64 GPUs: {gb:.1f} GB")
    assert tuple(b4) == known, f"bytes: stage {stage}: {b4}"
    assert abs(gb - paper[stage]) < 0.05, f"paper-table: stage {stage}: {gb:.1f} GB, the paper says {paper[stage]}"
