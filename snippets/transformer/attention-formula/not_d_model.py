"""Refutes: d_k is the model width. Read the divisor off the weights that GPT-2's own module puts out."""
import torch
from transformers import GPT2Config
from transformers.models.gpt2.modeling_gpt2 import GPT2Attention

torch.manual_seed(0)
config = GPT2Config(attn_implementation="eager")               # GPT-2 small, random weights
module = GPT2Attention(config, layer_idx=0).eval()
torch.nn.init.normal_(module.c_attn.weight, std=0.05)
N, D, H = 32, config.n_embd, config.n_head
X = torch.randn(1, N, D)
with torch.no_grad():
    A = module(X, attention_mask=torch.zeros(1, 1, N, N))[1][0]                    # (H, N, N)
    Q, K, _ = (X @ module.c_attn.weight + module.c_attn.bias).split(D, -1)
    Q, K = (x.view(N, H, D // H).transpose(0, 1) for x in (Q, K))                  # (H, N, d_k)
    dots = Q @ K.mT                                            # not scaled

# log A_ij - log A_i0 = (q_i.k_j - q_i.k_0) / divisor: the softmax's denominator cancels
raw, seen = (x - x[..., :1] for x in (dots, A.log()))
divisor = (raw * seen).sum() / (seen * seen).sum()             # least squares over all heads, rows and keys
assert (raw - divisor * seen).abs().max() < 1e-3 * raw.abs().max(), "one-divisor: one number explains every weight"
print("one-divisor: one and the same number explains the weights of all heads")
claimed, actual = D ** 0.5, divisor.item()
print(f"claimed {claimed:.2f}, actual {actual:.2f}: what GPT2Attention divides the scores by")
print(f"too-hot: sqrt({D}) would make every score {claimed / actual:.2f} times too small")
assert abs(claimed / actual - H ** 0.5) < 1e-2, f"too-hot: {claimed / actual:.2f} is sqrt of {H} heads"
assert abs(actual - (D / H) ** 0.5) < 1e-2 < claimed - actual, f"not-d-model: divided by {actual:.2f}, not {claimed:.2f}"
