"""Refutes: image to text is enough, text to image is the same again. A hub image, similar to every text."""
import torch
from torch.nn.functional import cross_entropy, normalize

N, s = 8, 1 / 0.07
labels = torch.arange(N)
axes = torch.eye(N + 1, dtype=torch.float64)
own, common = axes[:N], axes[N]                                            # a direction each, one for all texts
T = normalize(own + 2 * common, dim=1)                                     # N, d_e


def both(hub):
    """Losses and hits, image to text and text to image, when image 0 leans towards the common direction."""
    I = own.clone()
    I[0] = normalize(own[0] + hub * common, dim=0)                         # still a unit vector
    logits = s * I @ T.T                                                   # N, N
    losses = [cross_entropy(x, labels).item() for x in (logits, logits.T)]
    hits = [(x.argmax(1) == labels).sum().item() for x in (logits, logits.T)]
    return losses, hits


plain, found = both(0)
assert found == [N, N] and abs(plain[0] - plain[1]) < 1e-12, f"plain: {found}"
losses, hits = both(1)
assert losses[0] < 0.03 and losses[1] > 2, f"losses: {losses}"
print(f"plain: without a hub both directions find {found[0]} of {N} and have the same loss")
print(f"losses: with a hub image to text {losses[0]:.2f}, text to image {losses[1]:.2f}")

torch.manual_seed(0)
grows, draws = [], 100
for _ in range(draws):
    logits, r = torch.randn(N, N, dtype=torch.float64), torch.zeros(N, 1, dtype=torch.float64)
    r[0] = 30                                                              # a constant for image 0: all of its row
    row, column = (cross_entropy(f(logits + r), labels) - cross_entropy(f(logits), labels)
                   for f in (lambda x: x, lambda x: x.T))
    assert abs(row.item()) < 1e-12, f"unseen: {row}"
    grows.append(column.item())
assert len(grows) == draws and min(grows) > 10, f"seen: {min(grows)}"
print("unseen: 30 more for one image, in all of its row: image to text has the same loss")
print(f"seen: that of text to image grows by more than 10 in {draws} of {draws} draws")
claimed, actual = hits                                                     # text to image is as good as image to text
print(f"claimed {claimed}, actual {actual}: texts of {N} that find their image when {claimed} images find their text")
assert claimed == N and actual == 1, f"not-one: {actual}, not {claimed}"
