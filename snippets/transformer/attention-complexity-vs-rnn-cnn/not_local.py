"""Refutes: attention is local, so its cost per token doesn't grow with the length, as that of an RNN or CNN does."""
import torch
from torch.nn.functional import scaled_dot_product_attention
from torch.utils.flop_counter import FlopCounterMode

torch.manual_seed(0)
n, d = 24, 8
Q, K, V = torch.randn(3, n, d, dtype=torch.float64)
whole = (Q @ K.T / d ** 0.5).softmax(-1) @ V
matter = 0
for i in range(n):
    for j in range(n):
        S = Q @ K.T / d ** 0.5
        S[i, j] = -torch.inf                                               # leave out this one pair
        changed = ((S.softmax(-1) @ V - whole).abs() > 1e-12).any(-1)
        matter += changed[i].item()
        assert changed.sum() == 1, f"own-row: {changed.sum()} rows change"
assert matter == n * n, f"all-pairs: {matter} of {n * n} pairs matter"
print(f"all-pairs: leaving out any one of {n} x {n} = {matter} pairs changes its row of the output")


def pairs(n, d=64):
    """FLOPs of PyTorch's fused attention for one head."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        scaled_dot_product_attention(*torch.empty(3, 1, 1, n, d))
    return counter.get_total_flops()


assert pairs(1024) == 4 * 1024 * 1024 * 64, f"fused: {pairs(1024)} FLOPs"
print("fused: the fused kernel computes all of them as well: 4 n² d FLOPs")
recurrent = [16 * n * 64 ** 2 for n in (1024, 2048)]                       # an LSTM of width 64
local = [4 * n * 128 * 64 for n in (1024, 2048)]                           # a fixed neighbourhood of 128
per_token, claimed = (cost[1] / 2048 / (cost[0] / 1024) for cost in (recurrent, local))
actual = pairs(2048) / 2048 / (pairs(1024) / 1024)
print(f"claimed {claimed:.2f}, actual {actual:.2f}: cost per token when n doubles; an LSTM: {per_token:.2f}")
assert per_token == claimed < actual == 2, f"not-local: {actual:.2f} times, not {claimed:.2f}"
