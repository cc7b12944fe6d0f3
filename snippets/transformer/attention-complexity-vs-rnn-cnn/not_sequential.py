"""Refutes: RNN and CNN alike have to go through the sequence step by step. Counts what has to wait for what."""
import torch
from torch import nn

torch.manual_seed(0)
d = 16
PRODUCTS = ("AddmmBackward0", "MmBackward0", "BmmBackward0", "ConvolutionBackward0")


# --8<-- [start:chain]
def chain(out):
    """The longest chain of matrix products that led to ``out``, each of which had to wait for the one before."""
    longest, stack = {None: 0}, [out.grad_fn]
    while stack:
        node = stack[-1]
        before = [n for n, _ in node.next_functions]
        if waiting := [n for n in before if n not in longest]:
            stack += waiting
            continue
        longest[node] = max((longest[n] for n in before), default=0) + (node.name() in PRODUCTS)
        stack.pop()
    return longest[out.grad_fn]
# --8<-- [end:chain]


def recurrent(n, heads):
    """An RNN, its state cut into heads that don't see each other."""
    cells, X = [nn.RNNCell(d, d // heads) for _ in range(heads)], torch.randn(n, d)
    states = [None] * heads
    for x in X:
        states = [cell(x[None], state) for cell, state in zip(cells, states)]
    return torch.cat(states, -1).sum()


def attention(n, heads):
    W, X = torch.randn(4, d, d, requires_grad=True), torch.randn(n, d)
    Q, K, V = (part.view(n, heads, -1).transpose(0, 1) for part in (X @ W[0], X @ W[1], X @ W[2]))
    A = (Q @ K.transpose(1, 2)).softmax(-1)
    return ((A @ V).transpose(0, 1).reshape(n, d) @ W[3]).sum()


def convolution(n, _):
    return nn.Conv1d(d, d, 3, padding=1)(torch.randn(1, d, n)).sum()


waits = {(make.__name__, n, heads): chain(make(n, heads))
         for make in (recurrent, attention, convolution) for n in (8, 64) for heads in (1, 8)}
for name in ("recurrent", "attention", "convolution"):
    print(f"chain: {name}: " + ", ".join(f"{waits[name, n, 1]} products at n = {n}" for n in (8, 64)))
assert waits["recurrent", 64, 1] == 64 and waits["recurrent", 8, 1] == 8, "recurrent: one product a step"
assert waits["attention", 64, 1] == 4 == waits["attention", 8, 1], "attention: projection, scores, average, projection"
changed = [name for name, n, heads in waits if waits[name, n, 8] != waits[name, n, 1]]
assert not changed and len(waits) == 12, f"heads: {changed} changes"
print("heads: 8 heads instead of 1 change none of these chains")
claimed, actual = waits["recurrent", 64, 1], waits["convolution", 64, 1]
print(f"claimed {claimed}, actual {actual}: products that have to wait for each other in a convolution over 64 tokens")
assert claimed > actual == 1, f"not-sequential: {actual} of {claimed}"
