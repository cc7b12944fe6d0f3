# bagu: network=loopback
"""Refutes: ZeRO stage 2 partitions the parameters. Then it would need stage 3's traffic, and the paper says 2 Psi."""
import multiprocessing
import os
import torch
import torch.distributed as dist

N, d, lr = 2, 32, 0.1


def step(W, x, y, split):
    """One SGD step of y = x W; `split` says which of parameters and gradients are partitioned. Stored, sent per element."""
    me, sent, out = dist.get_rank(), 0, [torch.empty(d * d // N) for _ in range(N)]

    def gather(part):
        nonlocal sent
        assert part.numel() * N == W.numel(), f"share: {part.numel()} elements from each of {N} ranks"
        sent += (N - 1) * part.numel()           # what a ring sends
        dist.all_gather(out, part)
        return torch.cat(out).view(d, d)

    stored = W.flatten().chunk(N)[me].clone() if split == "params" else W.clone()
    weight = lambda: gather(stored) if split == "params" else stored
    delta = 2 * (x @ weight() - y) / (N * y.numel())             # forward
    weight()                                                     # backward through this layer, to the layers below
    grad, mine = (x.T @ delta).flatten(), torch.empty(d * d // N)
    dist.reduce_scatter(mine, list(grad.chunk(N)))
    sent += (N - 1) * mine.numel()
    new = stored.flatten() if split == "params" else stored.flatten().chunk(N)[me]
    new = new - lr * mine
    if split == "params":
        return new, stored.numel() / W.numel(), sent / W.numel()
    return gather(new).flatten().chunk(N)[me], stored.numel() / W.numel(), sent / W.numel()


def rank(me, queue):
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store", rank=me, world_size=N)
    torch.manual_seed(0)
    W, (X, Y) = torch.randn(d, d), torch.randn(2, N, 8, d)
    (a, stored_a, sent_a), (b, stored_b, sent_b) = (step(W, X[me], Y[me], split) for split in ("params", "grads"))
    loss = (X @ W.requires_grad_() - Y).square().mean()          # oracle: one process, autograd, all samples
    exact = (W - lr * torch.autograd.grad(loss, W)[0]).flatten().chunk(N)[me]
    assert torch.allclose(a, exact, atol=1e-6) and torch.allclose(b, exact, atol=1e-6), "same-step: both are plain SGD"
    queue.put((os.getpid(), stored_a, sent_a, stored_b, sent_b))
    dist.destroy_process_group()


context = multiprocessing.get_context("fork")
queue = context.SimpleQueue()
ranks = [context.Process(target=rank, args=(me, queue)) for me in range(N)]
[process.start() for process in ranks], [process.join() for process in ranks]
assert [p.exitcode for p in ranks] == [0] * N, f"ranks-end-well: {[p.exitcode for p in ranks]}"
pids, *measured = zip(*(queue.get() for _ in ranks))
processes = len({*pids} | {os.getpid()})         # different ones, this one included
assert processes == N + 1, f"real-processes: {pids}"
(stored_a,), (sent_a,), (stored_b,), (sent_b,) = map(set, measured)          # each the same on all ranks
assert stored_b == N * stored_a == 1, f"params-whole: {stored_b} and {stored_a} of the parameters are on every rank"
print(f"params-whole: with partitioned gradients {stored_b * d * d:.0f} of {d * d} parameters are on every rank")

paper, ring = 2, 1 - 1 / N                       # section 7.2: stages 1 and 2 move 2 Psi, like data parallelism
claimed, actual = sent_a / ring, sent_b / ring
print(f"claimed {claimed:.0f}, actual {actual:.0f}: elements sent per parameter, over 1 - 1/N")
assert actual == paper < claimed == 3, f"not-params: {actual:.0f} with gradients, {claimed:.0f} with parameters"
