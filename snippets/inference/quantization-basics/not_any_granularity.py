"""Refutes: scales of any granularity can be multiplied on after one integer product. Which ones can, by rank."""
import torch

torch.manual_seed(0)
M, K, N = 48, 256, 40                                  # tokens, input channels, output channels
X_q, W_q = torch.randint(1, 128, (M, K)).double(), torch.randint(1, 128, (K, N)).double()   # codes, all positive
token, inner, out = (torch.rand(n, dtype=torch.float64) + 0.5 for n in (M, K, N))            # scales


# --8<-- [start:rank]
def factors(scales_x, scales_w):
    """How many terms row factor times column factor the wanted result needs, as a multiple of one integer product."""
    wanted = (scales_x * X_q) @ (scales_w * W_q)       # M, N: the product of the dequantized matrices
    return torch.linalg.matrix_rank(wanted / (X_q @ W_q), rtol=1e-10).item()


outer = factors(token[:, None], out[None])             # per token, per output channel: the outer axes
channel = factors(inner[None], torch.ones(1, 1))       # per input channel: the axis that is summed over
# --8<-- [end:rank]
assert outer == 1, f"outer: {outer}"
print(f"outer: per token and per output channel, the scales are {outer} outer product, after the sum")
claimed, actual = outer, channel
print(f"claimed {claimed}, actual {actual}: outer products that scales per input channel take, after one integer product")
assert claimed < 10 < actual, f"not-any: {actual}, not {claimed}"

folded = X_q @ (inner[:, None] * W_q)                  # SmoothQuant's way: move them into the weights beforehand
assert torch.allclose(folded, (inner * X_q) @ W_q, rtol=1e-12), "folded: the same result"
print("folded: moved into the weights before they are quantized, the scales cost nothing at run time")

g = 64                                                 # per group along K: partial products, each rescaled
scale = torch.rand(K // g, N, dtype=torch.float64) + 0.5
groups = [(X_q[:, i:i + g] @ W_q[i:i + g]) * scale[i // g] for i in range(0, K, g)]
assert torch.allclose(sum(groups), X_q @ (scale.repeat_interleave(g, 0) * W_q)), "groups: sum of rescaled parts"
rescale = {size: 4096 // size for size in (4096, 128, 1)}
assert len(groups) == K // g and rescale[128] == 32, "rescalings: K / g per output"
print(f"rescalings: per output of a sum over 4096, {rescale[4096]} per channel, {rescale[128]} with groups of 128, "
      f"{rescale[1]} per input channel")

X = torch.randn(64, 1024, dtype=torch.float64)
X[:, 7] = 60                                           # an outlier channel: large in every token


def error(x, axis):                                    # int8, of the other channels
    s = (x.abs().amax(axis, keepdim=True) if axis is not None else x.abs().max()) / 127
    rest = torch.arange(x.shape[1]) != 7
    return ((torch.round(x / s) * s - x)[:, rest].norm() / x[:, rest].norm()).item()


tensor, per_token, per_channel = (error(X, axis) for axis in (None, 1, 0))
apart = X.index_fill(1, torch.tensor(7), 0)            # LLM.int8(): the outlier channel stays in 16 bits
split = error(apart, 1)
law = 60 / 127 / 12 ** 0.5                             # step / sqrt(12): all of it from the outlier's range
assert abs(tensor - law) < 0.003 and per_token == tensor, f"outlier: {tensor:.3f} and {per_token:.3f}"
assert per_channel < 0.01 and 0.006 < split < 0.01, f"token: {tensor:.3f}"
print(f"token: error of the other channels: per tensor {100 * tensor:.0f}%, per token {100 * per_token:.0f}%, "
      f"per channel {100 * per_channel:.1f}%, outlier channel apart {100 * split:.1f}%")
