"""Refutes: drop in training, don't drop at inference, and that is all. Without the factor every layer grows at inference."""
import itertools
import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
d, p, layers = 8, 0.1, 12
M = torch.tensor(list(itertools.product([0.0, 1.0], repeat=d)))          # (256, d) every mask
prob = torch.where(M > 0, 1 - p, p).prod(1)
x, W = torch.randn(d), [torch.randn(d, d) / d**0.5 for _ in range(layers)]


def expected(factor):
    """Mean output of a deep linear network over all masks: masks of different layers are independent."""
    h = x
    for w in W:
        h = (prob[:, None] * (h * M * factor)).sum(0) @ w    # (d,) mean over the masks of this layer
    return h


inference = x
for w in W:
    inference = inference @ w                    # nothing is dropped
size = lambda h: (inference.norm() / h.norm()).item()
assert abs(size(expected(1 / (1 - p))) - 1) < 1e-12, "inverted: with 1 / (1 - p) training and inference agree"
paper = x
for w in W:
    paper = (1 - p) * paper @ w                  # the paper: train without the factor, shrink the weights at inference
assert torch.allclose(paper, expected(1.0)), "paper: shrinking the weights agrees with unscaled training"
claimed, actual = size(expected(1 / (1 - p))), size(expected(1.0))       # agreement, as promised; without the factor
print(f"claimed {claimed:.2f}, actual {actual:.2f}: output at inference over mean output in training, p = {p}, {layers} layers")
print(f"not-unscaled: {actual:.2f} times after {layers} layers, {actual ** (1 / layers):.3f} times per layer")
assert abs(claimed - 1) < 1e-9 and actual > 3, f"not-unscaled: {actual:.2f} times larger at inference"
