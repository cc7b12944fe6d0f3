"""Refutes: CLIP's loss is a binary classification of each pair, match or no match. What couples what: the Hessian."""
import torch
from torch.autograd.functional import hessian, jacobian
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid
from transformers.models.clip.modeling_clip import image_text_contrastive_loss as clip_loss

torch.manual_seed(0)
N = 8
S = torch.randn(N, N, dtype=torch.float64)                                 # logits: image i, text j
labels = 2 * torch.eye(N, dtype=torch.float64) - 1                         # +1 on the diagonal, -1 elsewhere
pairwise = lambda S: -logsigmoid(labels * S).sum() / N                     # SigLIP, Algorithm 1: N^2 binary questions
questions = lambda S: N * binary_cross_entropy_with_logits(S, torch.eye(N, dtype=torch.float64))
assert abs(pairwise(S) - questions(S)) < 1e-12, f"binary: {pairwise(S)} and {questions(S)}"


def partners(loss):
    """For each pair: on how many logits its gradient depends."""
    H = hessian(loss, S)                                                   # N, N, N, N
    return (H.abs() > 1e-12).sum((2, 3))                                   # N, N


binary, batch = partners(pairwise), partners(clip_loss)
assert (binary == 1).all(), f"alone: {binary.unique()}"
assert (batch == 2 * N - 1).all(), f"row-and-column: {batch.unique()}"
print(f"alone: in the sigmoid loss a pair's gradient depends on {binary[0, 0]} logit, its own")
shift = [abs((loss(S + 5) - loss(S)).item()) for loss in (pairwise, clip_loss)]
assert abs(shift[0] - questions(S + 5) + questions(S)) < 1e-12 and shift[1] < 1e-12, f"shift: {shift}"
print(f"shift: 5 more on every logit changes the sigmoid loss by {shift[0]:.1f}, CLIP's by {shift[1]:.1f}")

G = jacobian(clip_loss, S)                                                 # N, N
negative = ~torch.eye(N, dtype=torch.bool)
pushed = (G[negative] > 0).sum().item()
assert pushed == N * N - N and (G.diagonal() < 0).all(), f"negatives: {pushed}"
assert abs(G.sum().item()) < 1e-12 and G.sum(0).abs().max() > 0.001, f"balance: {G.sum()}"
rows = jacobian(lambda S: -S.log_softmax(1).diagonal().mean(), S)
own = (rows > 0).sum(1).unique().item()                                    # the same for every image
assert rows.sum(1).abs().max() < 1e-12 and own == N - 1, f"per-image: {own}"
big = 32768
print(f"negatives: {pushed} = N^2 - N pairs are pushed apart")
print(f"per-image: {own} = N - 1 of them are the negatives of one image")
assert big * (big - 1) == 2 ** 30 - 2 ** 15, f"big-batch: {big * (big - 1)}"
print(f"big-batch: N = {big}: {big * (big - 1)} pairs of a batch are negative")
claimed, actual = binary.unique().item(), batch.unique().item()          # the same for every pair
print(f"claimed {claimed}, actual {actual}: logits on which the gradient of one pair depends, N = {N}")
assert claimed + 2 * N - 2 == actual, f"not-binary: {actual}, not {claimed}"
