"""Refutes: a prefix LM needs an encoder, and so other parameters than a causal LM."""
import torch
from torch import nn
from transformers import DynamicCache, LlamaConfig, LlamaForCausalLM

with torch.device("meta"):                                                  # LLaMA-2-7B, shapes only
    llama = LlamaForCausalLM(LlamaConfig(num_hidden_layers=32))
    cross = nn.ModuleList(nn.ModuleList(nn.Linear(4096, 4096, bias=False) for _ in "QKVO") for _ in range(32))
count = lambda module: sum(p.numel() for p in module.parameters())

torch.manual_seed(0)
config = LlamaConfig(vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=3,
                     num_attention_heads=4, initializer_range=0.2)
model, P, m = LlamaForCausalLM(config).double().eval(), 7, 5
ids = torch.randint(50, (1, P + m))
weights = {name: x.clone() for name, x in model.state_dict().items()}


def mask(n, P):
    i, j = torch.arange(n)[:, None], torch.arange(n)
    return ((j <= i) | (j < P))[None, None]


with torch.no_grad():
    prefix, causal = model(ids, attention_mask=mask(P + m, P)).logits, model(ids).logits
    cache = DynamicCache()
    model(ids[:, :P], attention_mask=torch.ones(1, 1, P, P, dtype=torch.bool), past_key_values=cache)  # "encode"
    decoded = model(ids[:, P:], past_key_values=cache).logits              # "decode", with the model's own causal mask
    fresh = LlamaForCausalLM(config).double().eval()
    fresh.load_state_dict(weights, strict=True)                             # a causal checkpoint, not a name missing
    loaded = fresh(ids, attention_mask=mask(P + m, P)).logits
error = (prefix[:, P:] - decoded).abs().max().item()
assert error < 1e-12, f"own-encoder: {error:.1e}"
print("own-encoder: the same layers, run on the prefix unmasked and on the target causally, give the same logits")
changed = not torch.allclose(prefix, causal, atol=0.1)
assert torch.equal(loaded, prefix) and changed, f"one-model: {changed}"
print(f"one-model: the {len(weights)} tensors of a causal checkpoint load as they are; the mask changes the logits")
claimed = count(llama) + count(llama.model.layers) + count(cross)          # an encoder as deep, cross-attention
actual = count(llama)                                                       # as above: nothing is added
print(f"claimed {claimed / 1e9:.2f}, actual {actual / 1e9:.2f}: billion parameters of LLaMA-2-7B as a prefix LM")
assert claimed > 2 * actual and round(actual / 1e9, 1) == 6.7, f"not-encoder: {actual / 1e9:.2f} billion, not {claimed / 1e9:.2f}"
