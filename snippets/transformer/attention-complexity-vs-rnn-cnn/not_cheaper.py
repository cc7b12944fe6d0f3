"""Refutes: since n < d, attention is d / n times cheaper than an RNN. Whole layers of the base Transformer's width."""
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

torch.manual_seed(0)
n, d = 32, 512                                                             # a sentence; the base Transformer's width


def count(layer, *inputs):
    with FlopCounterMode(display=False) as counter:
        layer(*inputs)
    return counter.get_flop_counts()["Global"]


with torch.device("meta"):                                                 # shapes only
    X, cell = torch.empty(n, d), nn.RNNCell(d, d)
    W, (Q, K, V) = nn.Linear(d, d, bias=False), torch.empty(3, 1, 8, n, d // 8)
    projections = 4 * sum(count(W, X).values())
    products = sum(count(nn.functional.scaled_dot_product_attention, Q, K, V).values())
    recurrent = n * sum(count(cell, X[:1]).values())
assert products == 4 * n * n * d and recurrent == 4 * n * d * d, f"counts: {products}, {recurrent}"
assert recurrent / products == d / n == 16, "table: the n x n products alone are d / n times cheaper"
print(f"table: the n x n products alone cost 1/{recurrent / products:.0f} of a plain RNN, d / n = {d // n}")
claimed, actual = n / d, (projections + products) / recurrent
print(f"claimed {claimed:.2f}, actual {actual:.2f}: cost of an attention layer against a plain RNN layer")
assert claimed < 1 < 2 < actual < 2.1, f"not-cheaper: {actual:.2f} times, not {claimed:.2f}"
lstm = (projections + products) / (4 * recurrent)                          # four gates of that size
assert 0.5 < lstm < 0.52, f"lstm: {lstm:.2f}"
print(f"lstm: {lstm:.2f} times an LSTM layer")

real = {"BERT-base": (512, 768, 2 * 3072), "LLaMA-2-7B": (4096, 4096, 3 * 11008), "at 32k": (32768, 4096, 3 * 11008)}
expected = {"BERT-base": ("0.67", "1.67"), "LLaMA-2-7B": ("0.75", "1.76"), "at 32k": ("2.50", "3.51")}
for name, (n, d, ffn) in real.items():                                     # n, d, widths of all FFN matrices together
    alone, block = (f"{(8 * d + 4 * n + extra) / (16 * d):.2f}" for extra in (0, 2 * ffn))
    assert (alone, block) == expected[name], f"real: {name}: {alone}, and {block} with the FFN"
    print(f"real: {name}, n = {n}: {alone} times an LSTM layer of that width, {block} with the FFN")
n = 6 * 4096
assert 4 * n == (8 + 16) * 4096, "bottleneck: at n = 6 d, 24576 for LLaMA-2-7B, the pairs cost as much as the rest"
