"""Every step of multi-head self-attention with GPT-2's sizes, checked against the transformers module."""
import math
import torch
from transformers import GPT2Config
from transformers.models.gpt2.modeling_gpt2 import GPT2Attention

torch.manual_seed(0)
config = GPT2Config(attn_implementation="eager")               # GPT-2 small, random weights
module = GPT2Attention(config, layer_idx=0).eval()
for bias in (module.c_attn.bias, module.c_proj.bias):          # GPT-2 starts them at zero, where nobody sees their sign
    torch.nn.init.normal_(bias, std=0.02)
B, N, D, H = 1, config.n_positions, config.n_embd, config.n_head
dk = D // H
X = torch.randn(B, N, D)
log = lambda name, x: print(f"{name:16s}{tuple(x.shape)}") or x


# --8<-- [start:steps]
def multi_head(X, W_qkv, b_qkv, W_o, b_o):
    QKV = X @ W_qkv + b_qkv                                    # one product for the three projections
    Q, K, V = QKV.split(D, dim=-1)
    Q, K, V = (x.view(B, N, H, dk).transpose(1, 2) for x in (Q, K, V))
    log("Q, K, V", Q)
    S = log("scores", Q @ K.transpose(-2, -1) / math.sqrt(dk))
    future = torch.ones(N, N, dtype=torch.bool).triu(1)        # True: j > i, not allowed
    A = log("weights", S.masked_fill(future, -torch.inf).softmax(-1))
    heads = log("A V", A @ V)
    concat = log("concat", heads.transpose(1, 2).reshape(B, N, H * dk))
    return log("output", concat @ W_o + b_o), A
# --8<-- [end:steps]


with torch.no_grad():
    O, A = multi_head(X, module.c_attn.weight, module.c_attn.bias, module.c_proj.weight, module.c_proj.bias)
    mask = torch.full((N, N), -torch.inf).triu(1)[None, None]  # added to the scores
    oracle, oracle_A = module(X, attention_mask=mask)
gap, gap_A = (O - oracle).abs().max().item(), (A - oracle_A).abs().max().item()
assert gap < 1e-5 and gap_A < 1e-6, f"gpt2-module: gap {gap:.1e}, weights {gap_A:.1e}"
print("gpt2-module: output within 1e-5 of GPT2Attention in fp32, weights within 1e-6")
assert A.shape == (1, 12, 1024, 1024) and dk == 64, f"gpt2-shapes: {tuple(A.shape)}, d_k = {dk}"
print(f"gpt2-shapes: X {tuple(X.shape)}, A {tuple(A.shape)}, d_k = {dk}, "
      f"{A.numel() * 2 / 2**20:.0f} MiB of fp16 weights")

params, expected = sum(p.numel() for p in module.parameters()), 4 * D * D + 4 * D
assert params == expected, f"gpt2-params: {params} = 4 x {D}^2 + 4 x {D}"
print(f"gpt2-params: {params} parameters, {4 * D * D} in the four matrices and {4 * D} biases")
