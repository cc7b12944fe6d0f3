"""Refutes: attention is parallel, so generating a token costs no more than with an RNN. One layer of LLaMA-2-7B's width."""
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
assert flops == lstm[8192][0] and cached == 8192 * lstm[8192][1], "lstm-step: even at t = 2 d"
print("lstm-step: at t = 2 d = 8192 a step costs as much as an LSTM's; its memory is 8192 times as large")
claimed, actual = lstm[8192][0] / lstm[1][0], flops / step(1)[0]
print(f"claimed {claimed:.2f}, actual {actual:.2f}: cost of generating token 8192 against token 1")
assert claimed < 1.9 < actual < 2, f"not-parallel: {actual:.2f} times, not {claimed:.2f}"
