"""Refutes: attention computes the similarity between Q, K and V. V never enters the weights."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
N, d, c = 4, 4, 10.0


def three_way(Q, K, V):
    """What the sentence says: V takes part in the similarities, beside Q and K."""
    return ((Q @ K.T + Q @ V.T + K @ V.T) / d ** 0.5).softmax(-1) @ V


Q = K = torch.eye(d, dtype=torch.float64)[:1].repeat(N, 1)     # four equal keys: nothing to prefer
V = torch.zeros(N, d, dtype=torch.float64)
V[0, 0] = c                                                    # one large value, so output / c is its weight
weight = lambda attend: (attend(Q, K, V)[0, 0] / c).item()
claimed, actual = weight(three_way), weight(F.scaled_dot_product_attention)
print(f"claimed {claimed:.2f}, actual {actual:.2f}: weight of the key with the large value, among four equal keys")
assert abs(actual - 1 / N) < 1e-12 and claimed > 0.99, \
    f"not-similarity-of-v: equal keys get {actual:.2f} each, whatever V is; with V in the similarity {claimed:.2f}"

N, d = 6, 16                                                   # any Q and K: the weights are fixed before V is seen
Q, K = torch.randn(2, N, d, dtype=torch.float64)
A = F.scaled_dot_product_attention(Q, K, torch.eye(N, dtype=Q.dtype))      # V = I returns the weights themselves
for width in (16, 3, 40):                                      # d_v need not be d_k: then Q V^T does not even exist
    V = torch.randn(N, width, dtype=Q.dtype)
    O = F.scaled_dot_product_attention(Q, K, V)
    assert (O - A @ V).abs().max() < 1e-13, f"one-matrix: the same weights serve V of shape {tuple(V.shape)}"
print("one-matrix: one A serves three different V, two of them with d_v != d_k, for which Q V^T does not exist")
