"""CLIP's loss over several devices: shards give the loss of the batch, micro-batches don't; equal texts cost log 2."""
from math import log

import torch
from torch.nn.functional import cross_entropy, normalize

torch.manual_seed(0)
N, D, d_e, s = 16, 4, 8, 1 / 0.07
b = N // D                                                                 # pairs of one device
own = [slice(k * b, (k + 1) * b) for k in range(D)]


def loss(I, T):
    labels = torch.arange(len(I))
    return (cross_entropy(s * I @ T.T, labels) + cross_entropy(s * T @ I.T, labels)) / 2


# --8<-- [start:share]
def share(I, T, k):
    """Device k has all vectors, and scores only its own rows and columns: 2 b N of them, never N x N."""
    labels = torch.arange(N)[own[k]]                                       # where its positives stand
    rows, columns = s * I[own[k]] @ T.T, s * T[own[k]] @ I.T               # b, N each
    return (cross_entropy(rows, labels) + cross_entropy(columns, labels)) / 2
# --8<-- [end:share]


apart = torch.block_diag(*[torch.ones(b, b)] * D).log()                    # 0 within a micro-batch, -inf across
for _ in range(20):
    V = torch.randn(2, N, d_e, dtype=torch.float64, requires_grad=True)    # images, texts
    whole = loss(*normalize(V, dim=2))
    sharded = sum(share(*normalize(V, dim=2), k) for k in range(D)) / D
    assert abs(whole - sharded).item() < 1e-12, f"sharded: {sharded}, {whole}"
    G, H = (torch.autograd.grad(x, V)[0] for x in (whole, sharded))
    assert (G - H).abs().max().item() < 1e-12 < G.abs().max().item(), f"gradient: {(G - H).abs().max()}"
    I, T = normalize(V, dim=2).detach()
    micro = sum(loss(I[o], T[o]) for o in own) / D                         # gradient accumulation
    S = s * I @ T.T + apart
    masked = -(S.log_softmax(1).diagonal() + S.log_softmax(0).diagonal()).mean() / 2
    assert abs(micro - masked).item() < 1e-12 and micro < whole - 0.1, f"micro: {micro}, {whole}"
print("sharded: rows and columns per device: the loss and the gradient of the whole batch, 20 draws")
print("micro: micro-batches have the loss of a batch without the negatives across, always lower")

n, gpus, MiB = 32768, 256, 2 ** 20
full, part = 4 * n * n // MiB, 4 * 2 * n * (n // gpus) // MiB              # fp32
assert full == 4 * 1024 and full / part == gpus / 2, f"memory: {full} MiB, {part} MiB"
print(f"memory: {n} x {n} scores are {full // 1024} GiB in fp32, the share of one of {gpus} devices {part} MiB")


def twins(S):
    """Losses of pairs 0 and 1, whose texts are the same: two of image to text, two of text to image."""
    S = S.clone()
    S[:, 1] = S[:, 0]
    return -S.log_softmax(1).diagonal()[:2], -S.log_softmax(0).diagonal()[:2]


best = 100 * torch.eye(N, dtype=torch.float64)
best[1, 0] = 100                                                           # both images find the one text
images, texts = zip(*(twins(scale * torch.randn(N, N, dtype=torch.float64)) for scale in (1, 10) for _ in range(200)))
images, texts = torch.stack(images), torch.stack(texts)                    # 400, 2
assert images.min() > log(2) and texts.min() < log(2) < texts.mean(1).min(), f"bounds: {images.min()}, {texts.min()}"
assert all((x - log(2)).abs().max() < 1e-12 for x in twins(best)), f"twins: {twins(best)}"
print(f"twins: two pairs with the same text have a mean loss of {torch.cat(twins(best)).mean():.3f} = log 2 at best")
