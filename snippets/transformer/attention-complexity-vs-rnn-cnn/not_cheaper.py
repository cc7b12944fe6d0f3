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
