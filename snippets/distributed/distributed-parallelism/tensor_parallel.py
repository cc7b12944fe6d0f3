# bagu: network=loopback
"""A Transformer layer cut by columns, then rows: two all-reduces forward, two backward, the result of one device."""
import multiprocessing
import os
import torch
import torch.distributed as dist
import torch.nn.functional as F

t, b, s, h, heads = 2, 3, 8, 32, 4                   # tensor-parallel ranks, batch, length, width
ffn = 4 * h
torch.manual_seed(0)
shapes = {"q": (h, h), "k": (h, h), "v": (h, h), "o": (h, h), "A": (h, ffn), "B": (ffn, h)}
W = {name: torch.randn(shape).double() * h ** -0.5 for name, shape in shapes.items()}
X, dY = torch.randn(2, b, s, h).double()
log = []                                             # elements of each all-reduce


# --8<-- [start:layer]
class f(torch.autograd.Function):                    # forward: identity; backward: all-reduce
    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        dist.all_reduce(grad := grad.contiguous()), log.append(("backward", grad.numel()))
        return grad


class g(torch.autograd.Function):                    # forward: all-reduce; backward: identity
    @staticmethod
    def forward(ctx, x):
        dist.all_reduce(x := x.clone()), log.append(("forward", x.numel()))
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad


def layer(x, W, f, g):                               # (b, s, h) -> (b, s, h)
    z = f(F.layer_norm(x, (h,)))
    q, k, v = ((z @ W[n]).view(b, s, -1, h // heads).transpose(1, 2) for n in "qkv")  # my heads: (b, heads / t, s, h / heads)
    a = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
    x = x + g(a @ W["o"])                            # partial sums over my heads
    z = f(F.layer_norm(x, (h,)))
    return x + g(F.gelu(z @ W["A"]) @ W["B"])        # GeLU on my columns: nothing to exchange


def cut(W, me):                                      # q, k, v, A by columns; o, B by rows
    return {n: w.chunk(t, 0 if n in "oB" else 1)[me].clone() for n, w in W.items()}
# --8<-- [end:layer]


def run(x, W, f, g):
    x, W = x.clone().requires_grad_(), {n: w.clone().requires_grad_() for n, w in W.items()}
    (y := layer(x, W, f, g)).backward(dY)
    return y.detach(), x.grad, {n: w.grad for n, w in W.items()}


def rank(me, queue):
    dist.init_process_group("gloo", init_method=f"file://{os.getcwd()}/store", rank=me, world_size=t)
    y, dx, dW = run(X, W, lambda z: z, lambda z: z)  # oracle: the whole layer
    my_y, my_dx, my_dW = run(X, cut(W, me), f.apply, g.apply)
    assert torch.allclose(my_y, y, rtol=1e-11, atol=1e-12), "layer-exact: every rank has the output of all samples"
    assert torch.allclose(my_dx, dx, rtol=1e-11, atol=1e-12), "input-exact: and the gradient of the input"
    for n, w in cut(dW, me).items():
        assert torch.allclose(my_dW[n], w, rtol=1e-11, atol=1e-11), f"shards-exact: {n}: its own part of the gradient"
    queue.put((os.getpid(), dist.get_world_size(), log, sum(w.numel() for w in my_dW.values())))
    dist.destroy_process_group()


context = multiprocessing.get_context("fork")
queue = context.SimpleQueue()
ranks = [context.Process(target=rank, args=(me, queue)) for me in range(t)]
[process.start() for process in ranks], [process.join() for process in ranks]
assert [r.exitcode for r in ranks] == [0] * t, f"ranks-end-well: {[r.exitcode for r in ranks]}"
pids, sizes, logs, held = zip(*(queue.get() for _ in ranks))
processes = len({*pids} | {os.getpid()})            # this one included
assert processes == t + 1 and set(sizes) == {t}, f"real-processes: {pids}"
assert logs[0] == [("forward", b * s * h)] * 2 + [("backward", b * s * h)] * 2, f"all-reduces: {logs[0]}"
print(f"all-reduces: 2 forward and 2 backward, each of b s h = {b * s * h} elements")
assert set(held) == {12 * h * h // t}, f"held: {held} weights on a rank, of {12 * h * h}"
