"""Refutes: CrossEntropyLoss(weight=w) multiplies the loss of each sample by w. Every batch, enumerated."""
from itertools import product
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
y = torch.tensor([1, 0, 0, 0])                   # one positive, three negatives
w = torch.tensor([1.0, 3.0])                     # three times the weight for the positive class


# --8<-- [start:effective]
def effective(loss, B):
    """Pull on a positive, relative to a negative, in the expected gradient over all 4^B batches of size B."""
    z = torch.zeros(4, 2, requires_grad=True)    # each sample has logits of its own: the gradient shows its weight
    batches = torch.tensor(list(product(range(4), repeat=B)))
    total = sum(loss(z[b], y[b]) for b in batches) / len(batches)
    pull = torch.autograd.grad(total, z)[0][:, 0].abs()
    return (pull[0] / pull[1]).item()


mean = lambda z, y: F.cross_entropy(z, y, weight=w)                              # the default reduction
own = lambda z, y: (F.cross_entropy(z, y, weight=w, reduction="none")).mean()    # divides by the batch size
pos = lambda z, y: F.binary_cross_entropy_with_logits(z[:, 1] - z[:, 0], y.double(), pos_weight=w[1])
# --8<-- [end:effective]

ratio = {B: effective(mean, B) for B in (1, 2, 4)}
assert all(abs(effective(loss, B) - 3) < 1e-9 for loss in (own, pos) for B in (1, 2, 3)), "exact: 3 at every batch size"
assert ratio[1] < ratio[2] < ratio[4] < 2.5, f"batch: {ratio[2]:.2f} with 2, {ratio[4]:.2f} with 4"
print("batch: effective weight with the default reduction: "
      + ", ".join(f"{r:.2f} with B = {B}" for B, r in ratio.items()))
print("exact: 3 at every batch size with reduction='none' and .mean(), and with pos_weight")
full = F.cross_entropy(torch.zeros(4, 2), y, weight=w, reduction="sum") / w[y].sum()
assert torch.allclose(mean(torch.zeros(4, 2), y), full), "divides: by the sum of the weights in the batch"
claimed, actual = (w[1] / w[0]).item(), ratio[1]             # batch size 1, or micro-batches of 1 accumulated
print(f"claimed {claimed:.1f}, actual {actual:.1f} times the pull with a batch of 1")
assert abs(actual - 1) < 1e-12 < claimed - 2.9, f"not-times-w: {actual:.1f}, not {claimed:.1f}: a batch of 1 ignores w"
