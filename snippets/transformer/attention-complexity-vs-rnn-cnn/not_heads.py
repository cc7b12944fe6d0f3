"""Refutes: attention is parallel because of its heads. Counts the earlier results that the last position waits for."""
import torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

torch.manual_seed(0)
n, d = 64, 16
X = torch.randn(n, d, dtype=torch.float64)                                 # in fp32 63 steps may underflow


def waits(results):
    """How many of the earlier results the last one depends on."""
    found = torch.autograd.grad(results[-1].sum(), results[:-1], allow_unused=True)
    return sum(g is not None and g.abs().sum().item() > 0 for g in found)


def recurrent(heads):
    """States of an RNN that is cut into heads that don't see each other."""
    cells, states = [nn.RNNCell(d, d // heads, dtype=torch.float64) for _ in range(heads)], [torch.zeros_like(X[:1], requires_grad=True)]
    for x in X:
        parts = states[-1].chunk(heads, -1)
        states.append(torch.cat([cell(x[None], part) for cell, part in zip(cells, parts)], -1))
    return states[1:]


def attention(heads):
    """Outputs, position by position."""
    W = torch.randn(3, d, d, dtype=torch.float64, requires_grad=True)
    Q, K, V = ((X @ w).view(n, heads, -1).transpose(0, 1) for w in W)
    out = [((Q[:, i:i + 1] @ K.transpose(1, 2)).softmax(-1) @ V).flatten() for i in range(n)]
    whole = scaled_dot_product_attention(Q, K, V, scale=1.0)               # heads, n, d / heads
    assert torch.allclose(torch.stack(out), whole.transpose(0, 1).reshape(n, d)), "attention-exact: one by one as at once"
    return out


for heads in (1, 8):
    assert waits(attention(heads)) == 0, "attention-waits: for no other output, with 1 head or with 8"
    print(f"attention-waits: attention, heads: {heads}: the last output waits for {waits(attention(heads))} others")
claimed, actual = waits(attention(8)), waits(recurrent(8))                 # were it the heads, both would be alike
print(f"claimed {claimed}, actual {actual}: states that the last one waits for, in an RNN with 8 independent heads")
assert claimed < actual == n - 1, f"not-heads: {actual}, not {claimed}"
