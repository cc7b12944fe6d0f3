"""Refutes: attention is parallel, so it generates faster than an RNN too. One layer of LLaMA-2-7B's width, derived."""
import torch
from torch.nn.functional import linear, scaled_dot_product_attention
from torch.utils.flop_counter import FlopCounterMode

d, h = 4096, 32


def step(t):
    """FLOPs and cached numbers of one layer when token t is generated."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        W, x = torch.empty(4, d, d), torch.empty(1, d)
        q, k, v = (linear(x, W[i]).view(1, h, 1, d // h) for i in range(3))
        cache = torch.empty(2, 1, h, t - 1, d // h)                        # keys and values of the tokens before
        K, V = (torch.cat([old, new], 2) for old, new in zip(cache, (k, v)))
        linear(scaled_dot_product_attention(q, K, V).view(1, d), W[3])
    return counter.get_total_flops(), K.numel() + V.numel()


for t in (1, 1024, 8192):
    flops, cached = step(t)
    assert flops == 8 * d * d + 4 * t * d and cached == 2 * t * d, f"step: {flops}, {cached} at t = {t}"
    print(f"step: token {t}: {flops / 8 / d / d:.2f} times the projections, {cached / 2 ** 20:.1f} Mi numbers cached")
lstm = {t: (16 * d * d, 2 * d) for t in (1, 8192)}                         # FLOPs and state, the same at every step
flops, cached = step(8192)
assert flops == lstm[8192][0] and cached == 8192 * lstm[8192][1], "lstm-flops: even at t = 2 d, with 8192 times the memory"
print("lstm-flops: at t = 2 d = 8192 a step costs as much as an LSTM's; its memory is 8192 times as large")
sizes = [2 * size / 2 ** 20 for size in (h * 4096 ** 2, 4096 * d, step(4096)[1])]
assert sizes == [1024, 32, 64], f"space: {sizes}"
print(f"space: 4096 tokens in fp16: weights {sizes[0]:.0f} MiB = 1 GiB, input {sizes[1]:.0f} MiB, cache {sizes[2]:.0f} MiB")
ratio = step(4096)[0] / lstm[8192][0]
assert ratio == 0.75, f"cheaper: {ratio:.2f}"
print(f"cheaper: at t = 4096 a step takes {ratio:.2f} times the FLOPs of an LSTM's")
B = 64                                                                     # sequences generated together
read = {t: 2 * (4 * d * d + B * step(t)[1]) for t in (129, 4096)}          # bytes of fp16: weights, caches
recurrent = 2 * (8 * d * d + B * lstm[1][1])                               # bytes: weights, states h and c
assert read[129] == recurrent, f"lstm-bytes: {read[129]} and {recurrent}, equal at token 129"
print("lstm-bytes: at token 129 a step of 64 sequences reads as many bytes as an LSTM's")
claimed, actual = ratio, read[4096] / recurrent                            # as fast as the FLOPs say
print(f"claimed {claimed:.2f}, actual {actual:.2f}: bytes to read for token 4096, against an LSTM")
assert claimed < 1 < 16 < actual < 17, f"not-faster: {actual:.2f} times, not {claimed:.2f}"
