"""What LLaMA-2-7B could memorise, per token of pre-training and of supervised fine-tuning."""
from math import log2
import torch
from transformers import LlamaConfig, LlamaForCausalLM

# --8<-- [start:capacity]
with torch.device("meta"):                       # no memory is used
    model = LlamaForCausalLM(LlamaConfig(hidden_size=4096, intermediate_size=11008, num_hidden_layers=32,
                                         num_attention_heads=32, vocab_size=32000))
params = sum(p.numel() for p in model.parameters())
capacity = 3.6 * params                          # bits: 3.6 per parameter, as estimated for GPT-style models
pretraining = 2.0e12                             # tokens (Llama 2, table 1)
sft = 27540 * 4096                               # annotations times the sequence length: an upper bound on tokens
# --8<-- [end:capacity]

raw = log2(model.config.vocab_size)         # bits that a token costs without any model of the language
per_pre, per_sft = capacity / pretraining, capacity / sft
assert abs(params - 6.74e9) < 0.005e9, f"params: {params / 1e9:.2f} billion parameters, the paper's 7B"
assert per_pre < raw / 1000, f"pretraining: {per_pre:.3f} bits per token, {raw:.1f} bits to write it down"
assert 10 * raw < per_sft < 20 * raw, f"sft: {per_sft:.0f} bits per token, {raw:.1f} bits to write it down"
print(f"params: {params / 1e9:.2f} billion, capacity {capacity / 8e9:.1f} GB")
print(f"pretraining: {per_pre:.3f} bits of capacity per token; a raw token costs {raw:.1f} bits")
print(f"sft: {per_sft:.0f} bits of capacity per token")
