"""Refutes: RoPE rotates V as well. Compared with LLaMA's attention, and under a shift of all positions."""
import logging
import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaAttention, LlamaRotaryEmbedding, rotate_half

logging.disable(logging.WARNING)
torch.manual_seed(0)
n, d, h = 16, 64, 4
config = LlamaConfig(hidden_size=d, num_attention_heads=h, initializer_range=0.2, attn_implementation="eager")
module, rotary = LlamaAttention(config, layer_idx=0).double().eval(), LlamaRotaryEmbedding(config)
X = torch.randn(1, n, d, dtype=torch.float64)
mask = torch.full((n, n), -torch.inf, dtype=torch.float64).triu(1)[None, None]


# --8<-- [start:attention]
def attention(X, start, turn_v=False, turn_back=False):
    cos, sin = rotary(X, torch.arange(start, start + n)[None])                 # 1, n, d/h
    R = lambda x: x * cos[:, None] + rotate_half(x) * sin[:, None]
    R_inverse = lambda x: x * cos[:, None] - rotate_half(x) * sin[:, None]
    q, k, v = (W(X).view(1, n, h, -1).transpose(1, 2) for W in (module.q_proj, module.k_proj, module.v_proj))
    o = scaled_dot_product_attention(R(q), R(k), R(v) if turn_v else v, is_causal=True)
    o = R_inverse(o) if turn_back else o
    return module.o_proj(o.transpose(1, 2).reshape(1, n, d))
# --8<-- [end:attention]


with torch.no_grad():
    oracle = module(X, position_embeddings=rotary(X, torch.arange(n)[None]), attention_mask=mask)[0]
    gap = (attention(X, 0) - oracle).abs().max().item()
    wrong = ((attention(X, 0, turn_v=True) - oracle).norm() / oracle.norm()).item()
    moved = lambda **how: ((attention(X, 100, **how) - attention(X, 0, **how)).norm() / oracle.norm()).item()
    claimed, actual, back = moved(turn_v=True), moved(), moved(turn_v=True, turn_back=True)
assert gap < 1e-6, f"llama: {gap:.0e}"                                          # its softmax is in fp32
assert 0.3 < wrong < 1, f"wrong-output: {wrong:.2f}"
print(f"llama, wrong-output: with v left alone it is LLaMA's attention; with v turned it is off by {wrong:.2f}")
print(f"claimed {claimed:.2f}, actual {actual:.2f}: change of the output when all positions grow by 100, v turned or not")
assert claimed > 0.3 and actual < 1e-4, f"not-rotated-values: {claimed:.2f} and {actual:.2f}"
assert back < 1e-4, f"turned-back: {back:.0e}"
print("turned-back: v turned and the output turned back would depend on offsets alone as well, another method")
