"""Refutes: SwiGLU has three matrices, so the FFN has half as many parameters again."""
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaMLP

torch.manual_seed(0)


# --8<-- [start:width]
def hidden(d, multiple_of=256):
    """LLaMA's FFN width: two thirds of 4 d, rounded up to a multiple of 256."""
    h = int(2 * (4 * d) / 3)
    return multiple_of * ((h + multiple_of - 1) // multiple_of)


config = LlamaConfig()                                           # the 7B model: d = 4096
with torch.device("meta"):                                       # shapes only
    swiglu = LlamaMLP(config)
    relu = nn.Sequential(nn.Linear(4096, 16384, bias=False), nn.ReLU(), nn.Linear(16384, 4096, bias=False))
    fat = LlamaMLP(LlamaConfig(intermediate_size=16384))         # three matrices, width not reduced
size = lambda m: sum(p.numel() for p in m.parameters())


def flops(m):
    with FlopCounterMode(display=False) as counter:
        m(torch.empty(1, 4096, device="meta"))                   # one token
    return counter.get_total_flops()
# --8<-- [end:width]


assert hidden(4096) == config.intermediate_size and hidden(96) == 256, \
    f"width: {hidden(4096)} from the rule, {config.intermediate_size} in LlamaConfig"
assert hidden(5120) == 13824, f"width-13b: {hidden(5120)}, in the config of the 13B model 13824"
print(f"width: 4 x 4096 x 2/3 = {4 * 4096 * 2 / 3:.1f}, rounded up to a multiple of 256: {hidden(4096)}")
a, b = size(swiglu), size(relu)
assert flops(swiglu) == 2 * a and flops(relu) == 2 * b, f"flops: {flops(swiglu)} per token, two per parameter"
print(f"params: {a / 1e6:.2f} million with SwiGLU, {b / 1e6:.2f} million with ReLU and 4 d")
print(f"flops: per token {flops(swiglu) / 1e6:.1f} million with SwiGLU, {flops(relu) / 1e6:.1f} million with ReLU")
assert a > b, f"params: {a} against {b}"
x = torch.randn(2, 8)
small = LlamaMLP(LlamaConfig(hidden_size=8, intermediate_size=16, num_attention_heads=1))
g, u = x @ small.gate_proj.weight.T, x @ small.up_proj.weight.T
by_hand = (g * torch.sigmoid(g) * u) @ small.down_proj.weight.T
assert torch.allclose(small(x), by_hand, atol=1e-6), "formula: down(silu(gate x) * up x)"
claimed, actual = size(fat) / b, a / b                           # three matrices of 4 d; as it is built
print(f"claimed {claimed:.3f}, actual {actual:.3f} times the parameters")
assert claimed == 1.5 and 1 < actual < 1.01, f"not-half-more: {actual:.3f} times, not {claimed:.3f}"
