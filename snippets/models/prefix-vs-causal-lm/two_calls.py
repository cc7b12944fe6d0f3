"""A kernel that only knows "full" and "causal" still does a prefix mask: one call for the prefix, one for the rest."""
import torch
import torch.nn.functional as F
from torch.nn.attention.bias import causal_lower_right

torch.manual_seed(0)
heads, n, d = 4, 24, 8
Q, K, V = torch.randn(3, 1, heads, n, d, dtype=torch.float64)
i, j = torch.arange(n)[:, None], torch.arange(n)
errors, wrong = [], []
for P in range(1, n):
    whole = F.scaled_dot_product_attention(Q, K, V, attn_mask=(j <= i) | (j < P))
    prefix = F.scaled_dot_product_attention(Q[:, :, :P], K[:, :, :P], V[:, :, :P])      # no mask
    corner = causal_lower_right(n - P, n)                                   # queries are the last n - P positions
    target = F.scaled_dot_product_attention(Q[:, :, P:], K, V, attn_mask=corner)
    errors.append((torch.cat([prefix, target], 2) - whole).abs().max().item())
    top = F.scaled_dot_product_attention(Q[:, :, P:], K, V, is_causal=True)  # aligned at the other corner
    wrong.append(torch.allclose(top, whole[:, :, P:], atol=0.1))
assert len(errors) == n - 1 and max(errors) < 1e-12, f"two-calls: {max(errors):.1e}"
assert len(wrong) == n - 1 and not any(wrong), f"corner: {sum(wrong)} lengths come out right"
print(f"two-calls: {len(errors)} prefix lengths: a full call and a causal call aligned at the lower right give the same")
print("corner: aligned at the upper left, the causal call is wrong for every length")
