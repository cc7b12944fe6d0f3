"""What each method does with distance: sinusoids, ALiBi's lines and T5's buckets, against the reference code."""
import logging
import math
import matplotlib.pyplot as plt
import torch
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.llama.modeling_llama import LlamaConfig, LlamaRotaryEmbedding, apply_rotary_pos_emb
from transformers.models.t5.modeling_t5 import T5Attention

logging.disable(logging.WARNING)
torch.manual_seed(0)
N, d = 256, 128
omega = 10000 ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)             # d/2 frequencies


# --8<-- [start:shapes]
def sinusoid(p):                                                               # p: positions
    angle = torch.as_tensor(p, dtype=torch.float64)[..., None] * omega
    return torch.stack((angle.sin(), angle.cos()), -1)                         # ..., d/2, 2


def rotate(x, k):                                                              # each pair of x by the angle k omega
    c, s = (k * omega).cos(), (k * omega).sin()
    return torch.stack((x[..., 0] * c + x[..., 1] * s, x[..., 1] * c - x[..., 0] * s), -1)


def alibi(h):                                                                  # one slope per head
    return [2 ** (-8 * (i + 1) / h) for i in range(h)]


def t5_bucket(distance, buckets, longest=128):                                 # of one direction
    exact = buckets // 2
    if distance < exact:
        return distance
    log = math.log(distance / exact) / math.log(longest / exact)
    return min(exact + int(log * (buckets - exact)), buckets - 1)
# --8<-- [end:shapes]


PE = sinusoid(torch.arange(N))
for k in (1, 7, 100):
    assert (rotate(PE[:-k], k) - PE[k:]).abs().max() < 1e-12, f"shift: by {k}"
    dots = (PE[:-k] * PE[k:]).sum((1, 2))
    assert (dots - (k * omega).cos().sum()).abs().max() < 1e-11, f"dot: at {k}"
print("shift, dot: a shift by 1, 7 or 100 is a rotation; the dot product depends on the offset alone")
cosines = torch.stack([(k * omega).cos().mean() for k in range(N)])
llama = LlamaRotaryEmbedding(LlamaConfig(hidden_size=d, num_attention_heads=1))
ones = torch.ones(1, 1, N, d)
q, k = apply_rotary_pos_emb(ones, ones, *llama(ones, torch.arange(N)[None]))
rope = (q[0, 0, -1] * k[0, 0]).sum(-1).flip(0) / d                             # the last query, by distance
assert (rope - cosines).abs().max() < 1e-4, f"same-curve: {(rope - cosines).abs().max():.0e}"
rises = (cosines[1:] > cosines[:-1]).sum().item()
falls = (cosines[1:] < cosines[:-1]).sum().item()
assert 20 < rises < falls and cosines[0] == 1, f"not-monotone: {rises} steps rise, {falls} fall"
print("same-curve, not-monotone: rotated vectors of ones have the same curve, which doesn't fall at every step")

reference = build_alibi_tensor(torch.ones(1, N), 8, torch.float64).view(8, N)  # relative to the first key
lines = torch.stack([-m * torch.arange(N, dtype=torch.float64) for m in alibi(8)])
assert (reference - reference[:, -1:] - lines.flip(1)).abs().max() < 1e-6, "alibi: BLOOM's bias, last query"
print("alibi: slopes", *(f"1/{1 / m:.0f}" for m in alibi(8)))
for stack, buckets in (("encoder", 16), ("decoder", 32)):                       # the encoder has two directions
    theirs = T5Attention._relative_position_bucket(-torch.arange(1000), bidirectional=stack == "encoder").tolist()
    mine = [t5_bucket(k, buckets) for k in range(1000)]
    assert mine == theirs, f"t5-buckets: those of the library, {stack}"
    last = (buckets // 2) * (256 // buckets) ** (1 - 2 / buckets)              # where the formula reaches buckets - 1
    assert mine.index(buckets - 1) == math.ceil(last) and mine[-1] == buckets - 1, f"t5-last: {math.ceil(last)}"
    print(f"t5-last: {stack}: {buckets} buckets a direction, up to {buckets // 2} exact, the last from {mine.index(buckets - 1)} on")

figure, axes = plt.subplots(1, 3, figsize=(10, 3))
axes[0].plot(cosines)
axes[1].plot(lines.T)
axes[2].step(range(N), mine[:N], where="post")
for ax, name in zip(axes, ("sinusoidal = RoPE on ones", "ALiBi bias, 8 heads", "T5 bucket (bias is learned)")):
    ax.set(title=name, xlabel="distance")
axes[1].set_ylim(-20, 1)
figure.tight_layout()
figure.savefig("shapes.svg")
