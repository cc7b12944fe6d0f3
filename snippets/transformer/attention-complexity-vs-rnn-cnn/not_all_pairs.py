"""Refutes: matrix products and softmax spare attention the pairs. Without softmax they would; with it they can't."""
import torch
from torch.utils.flop_counter import FlopCounterMode

torch.manual_seed(0)
n, d = 512, 64
Q, K, V = torch.randn(3, n, d, dtype=torch.float64)


def product(scores_first):
    """The product of all three without softmax, in either order, and its FLOPs."""
    with FlopCounterMode(display=False) as counter:
        out = (Q @ K.T) @ V if scores_first else Q @ (K.T @ V)             # n x n first, or d x d first
    return out, counter.get_total_flops()


(left, dear), (right, cheap) = product(True), product(False)
assert torch.allclose(left, right, atol=1e-9) and dear == 8 * cheap, f"associative: {dear / cheap:.0f} times, one result"
print(f"associative: without softmax the order is free, {dear / cheap:.0f} times cheaper")

S = Q @ K.T / d ** 0.5
A = S.softmax(-1)
rank = {"scores": torch.linalg.matrix_rank(S).item(), "weights": torch.linalg.matrix_rank(A).item()}
assert rank["scores"] == d, f"low-rank: {rank['scores']}"
print(f"low-rank: the scores have rank {rank['scores']}, the weights {rank['weights']} of {n}")
claimed, actual = d, rank["weights"]                                       # what a product through d x d can have
print(f"claimed {claimed}, actual {actual}: rank that the attention weights need")
assert claimed < actual == n, f"not-spared: rank {actual}, not {claimed}"
