"""Refutes: matrix products and softmax spare attention the pairs. Without softmax they would; with it they can't."""
import torch

torch.manual_seed(0)
n, d = 512, 64
Q, K, V = torch.randn(3, n, d, dtype=torch.float64)
S = Q @ K.T / d ** 0.5                                                     # n x n
left, right = S @ V, Q @ (K.T @ V) / 8                                     # n x n first, or d x d first; 8² = d
assert torch.allclose(left, right, atol=1e-9), f"associative: {(left - right).abs().max():.1e}"
flops = {"n x n first": 4 * n * n * d, "d x d first": 4 * n * d * d}
print(f"associative: without softmax the order is free, {flops['n x n first'] / flops['d x d first']:.0f} times cheaper")

A = S.softmax(-1)
rank = {"scores": torch.linalg.matrix_rank(S).item(), "weights": torch.linalg.matrix_rank(A).item()}
assert rank["scores"] == d, f"low-rank: {rank['scores']}"
print(f"low-rank: the scores have rank {rank['scores']}, the weights {rank['weights']} of {n}")
claimed, actual = d, rank["weights"]                                       # what a product through d x d can have
print(f"claimed {claimed}, actual {actual}: rank that the attention weights need")
assert claimed < actual == n, f"not-spared: rank {actual}, not {claimed}"
