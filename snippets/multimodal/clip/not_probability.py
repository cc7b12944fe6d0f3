"""Refutes: a cosine of 0.3 is a match of 30%. The same loss and the same probabilities, whatever the level."""
from math import exp

import torch
from torch.nn.functional import normalize
from transformers.models.clip.modeling_clip import image_text_contrastive_loss as clip_loss

torch.manual_seed(0)
N, d, s = 16, 32, 20.0


# --8<-- [start:gap]
def apart(I, T, a):
    """Move images and texts apart along a new axis, on the unit sphere: cosine c becomes (1 - a^2) c - a^2."""
    axis = torch.full((len(I), 1), a, dtype=I.dtype)
    b = (1 - a * a) ** 0.5
    return torch.cat([b * I, axis], 1), torch.cat([b * T, -axis], 1)       # N, d + 1
# --8<-- [end:gap]


T = normalize(torch.randn(N, d, dtype=torch.float64), dim=1)
I = normalize(T + 0.1 * torch.randn(N, d, dtype=torch.float64), dim=1)     # each image near its text
for a in (0.1, 0.3, 0.5, 0.7):
    far = apart(I, T, a)
    assert all((x.norm(dim=1) - 1).abs().max() < 1e-12 for x in far), f"unit: a = {a}"
    cosines = far[0] @ far[1].T                                            # N, N
    assert (cosines - ((1 - a * a) * (I @ T.T) - a * a)).abs().max() < 1e-12, f"cosine: a = {a}"
    difference = abs(clip_loss(s / (1 - a * a) * cosines) - clip_loss(s * I @ T.T)).item()
    assert difference < 1e-12, f"same-loss: {difference}"
    gap = (far[0].mean(0) - far[1].mean(0))[-1].item()
    assert abs(gap - 2 * a) < 1e-12, f"gap: {gap}"
print("same-loss: two modalities 0.2, 0.6, 1.0 or 1.4 apart, the scale raised: the same loss")

p = {c: (100 * torch.tensor([0.30, c], dtype=torch.float64)).softmax(0)[0].item() for c in (0.30, 0.29, 0.20)}
assert all(abs(p[c] - 1 / (1 + exp(100 * (c - 0.30)))) < 1e-9 for c in p) and len(p) == 3, f"candidates: {p}"
print(f"candidates: scale 100, cosine 0.30: {p[0.30]:.2f} beside a text at 0.30, {p[0.29]:.2f} beside one at 0.29, "
      f"{p[0.20]:.2f} beside one at 0.20")

before = (s * T @ T.T).softmax(1)                                          # now image = text: cosine 1
a2 = 0.35
I, T = apart(T, T, a2 ** 0.5)
P = (s / (1 - a2) * I @ T.T).softmax(1)
assert (P - before).abs().max() < 1e-12, f"same-softmax: {(P - before).abs().max()}"
claimed, actual = (I @ T.T).diagonal().mean().item(), P.diagonal().min().item()
print(f"claimed {claimed:.2f}, actual {actual:.2f}: probability of a match whose cosine is {claimed:.2f}, lowest of {N}")
assert abs(claimed - 0.3) < 1e-9 and actual > 0.95, f"not-probability: {actual:.2f}, not {claimed:.2f}"
