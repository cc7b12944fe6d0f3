"""Refutes: attention is local, so its cost per token doesn't grow with the length, as that of an RNN or CNN does."""
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
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


with sdpa_kernel(SDPBackend.FLASH_ATTENTION):                              # values = identity: the output is the weights
    q, k, identity = *torch.randn(2, 1, 1, n, n), torch.eye(n)[None, None]
    full, causal = (scaled_dot_product_attention(q, k, identity, is_causal=c) > 0 for c in (False, True))
assert full.sum() == n * n and causal.sum() == n * (n + 1) // 2, f"fused: {full.sum()} and {causal.sum()} pairs"
print(f"fused: the flash kernel gives all {full.sum()} pairs a weight, {causal.sum()} under a causal mask")


def pairs(n, d=64):
    """FLOPs of the two n x n products of one head."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        scaled_dot_product_attention(*torch.empty(3, 1, 1, n, d))
    return counter.get_total_flops()


assert pairs(1024) == 4 * 1024 * 1024 * 64, f"count: {pairs(1024)} FLOPs"
window = lambda n: 4 * n * 128 * 64                                        # a fixed neighbourhood of 128
claimed = window(2048) / 2048 / (window(1024) / 1024)
actual = pairs(2048) / 2048 / (pairs(1024) / 1024)
print(f"claimed {claimed:.2f}, actual {actual:.2f}: cost per token when n doubles")
assert claimed == 1 < actual == 2, f"not-local: {actual:.2f} times, not {claimed:.2f}"
