# bagu: seconds=60
"""Where three models drop: modules counted in the library, and the bytes that the masks of GPT-2 cost."""
from collections import Counter

import torch
from torch import nn
from transformers import BertConfig, BertModel, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
with torch.device("meta"):                       # shapes only; the default configurations
    models = {"gpt2": GPT2LMHeadModel(GPT2Config()), "bert": BertModel(BertConfig()), "llama": LlamaForCausalLM(LlamaConfig())}
for name, model in models.items():
    rates = Counter(m.p for m in model.modules() if isinstance(m, nn.Dropout))
    expected = {"gpt2": {0.1: 1 + 3 * 12}, "bert": {0.1: 1 + 3 * 12}, "llama": {}}[name]     # embedding; 3 per layer
    assert dict(rates) == expected, f"modules: {name} has {dict(rates)}"
    print(f"modules: {name} has {sum(rates.values())} nn.Dropout modules, rates {sorted(rates)}")
known = {key: rate for key, rate in LlamaConfig().to_dict().items() if "drop" in key}
assert known == {"attention_dropout": 0.0}, f"llama-attention: the rates that the configuration knows: {known}"
idle = [name for name, module in models["gpt2"].named_modules() if not module.training]
assert not idle, f"fresh: a model built from a configuration is in training mode, but for {idle}"

# Attention dropout draws one byte per attention weight, kept for the backward pass.
config, T = GPT2Config(), 64
heads, layers = config.n_head, config.n_layer
saved = []
with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append((t.dtype, t.numel() * t.element_size())) or t, lambda t: t):
    weights = torch.rand(1, heads, T, T, requires_grad=True)
    torch.native_dropout(weights, 0.1, True)[0].sum()
mask = sum(b for dtype, b in saved if dtype == torch.bool)
assert mask == heads * T * T, f"mask: {mask} bytes saved for {heads * T * T} weights"
full = layers * mask * (config.n_positions // T) ** 2          # measured at T, quadratic in the length; one sequence
assert full == 144 * 2**20, f"masks: {full} bytes, derived: 12 layers x 12 heads x 1024 x 1024"
print(f"masks: {full / 2**20:.0f} MiB of attention masks for one sequence of {config.n_positions} tokens in GPT-2 small")
