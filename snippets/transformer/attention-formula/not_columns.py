"""Refutes: which axis the softmax runs over does not matter. Over the queries it is not attention."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
N, d = 8, 16
q, K, V = torch.randn(1, d, dtype=torch.float64), *torch.randn(2, N, d, dtype=torch.float64)
columns = lambda Q: (Q @ K.T / d ** 0.5).softmax(-2) @ V       # dim=-2: normalized over the queries
rows = lambda Q: F.scaled_dot_product_attention(Q, K, V)

assert torch.allclose(columns(q)[0], V.sum(0)), "decode-sum: one query gives every key the weight 1"
assert not torch.allclose(columns(q)[0], rows(q)[0], atol=0.1), "no-mean: the plain sum is no weighted mean"
print(f"decode-sum: a single query gives each of the {N} keys the weight 1, the output is the plain sum of V")


def shrink(attend, copies=8):
    """One query alone against the same query asked 8 times at once: ratio of its output."""
    return (attend(q)[0].norm() / attend(q.repeat(copies, 1))[0].norm()).item()


claimed, actual = shrink(columns), shrink(rows)
print(f"claimed {claimed:.2f}, actual {actual:.2f}: how much smaller the output gets when 8 queries ask the same")
assert abs(claimed - 8) < 1e-9 and abs(actual - 1) < 1e-9, \
    f"not-columns: 8 equal queries share the keys and get 1/{claimed:.2f} each; over rows, {actual:.2f}"
