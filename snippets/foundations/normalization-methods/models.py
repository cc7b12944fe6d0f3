# bagu: seconds=40
"""Which norm, how many and how many parameters: configurations of transformers, built on the meta device (shapes only)."""
import torch
from transformers import (AutoModel, BertConfig, DeepseekV3Config, Gemma2Config, GPT2Config, LlamaConfig, Olmo2Config,
                          Qwen3Config)

# --8<-- [start:count]
configs = {"BERT-base": BertConfig(), "GPT-2 small": GPT2Config(),
           "LLaMA-2-7B": LlamaConfig(vocab_size=32000, hidden_size=4096, intermediate_size=11008, num_hidden_layers=32),
           "DeepSeek-V3": DeepseekV3Config()}
norms_of = lambda model: [m for m in model.modules() if type(m).__name__.endswith("Norm")]


def build(cfg):
    with torch.device("meta"):                       # no memory is allocated
        return AutoModel.from_config(cfg)


for name, cfg in configs.items():
    model = build(cfg)
    norms = norms_of(model)
    params = sum(p.numel() for m in norms for p in m.parameters())
    share = params / sum(p.numel() for p in model.parameters())
    d, L = cfg.hidden_size, cfg.num_hidden_layers
    expected = (2 * L + 1) * d                       # two a layer and one more, a gain of width d each
    if isinstance(norms[0], torch.nn.LayerNorm):
        expected *= 2                                # LayerNorm has a bias besides
    if name == "DeepSeek-V3":
        expected += L * (cfg.q_lora_rank + cfg.kv_lora_rank)     # the two latent vectors of MLA
    assert params == expected, f"count: {name}: {len(norms)} norms, {params} parameters, by hand {expected}"
    assert (share < 1e-4) == (d >= 4096), f"share: {name}: {100 * share:.4f} %"      # below 1 in 10000 for the two LLMs
    print(f"count: {name}: {len(norms)} norms, {params} parameters, {100 * share:.4f} % of the model")
# --8<-- [end:count]

kinds = {}
for name, cfg in (("Llama", LlamaConfig), ("Qwen3", Qwen3Config), ("Gemma 2", Gemma2Config), ("OLMo 2", Olmo2Config)):
    one, two = (norms_of(build(cfg(num_hidden_layers=k))) for k in (1, 2))       # the difference is one layer
    kinds[name] = len(two) - len(one)
    print(f"per-layer: {name}: {kinds[name]} norms a layer")
assert kinds == {"Llama": 2, "Qwen3": 4, "Gemma 2": 4, "OLMo 2": 4}, f"per-layer: {kinds}"
gemma = norms_of(build(Gemma2Config(num_hidden_layers=1)))[0].__class__(8)       # on the CPU
gain = gemma.weight.detach().abs().max().item()
gemma.weight.data += 0.5
y = gemma(torch.full((8,), 3.0)).mean().item()       # 1 before the gain
assert gain == 0 and abs(y - 1.5) < 1e-4, f"gemma: stored gain {gain}; with 0.5 the output is {y:.2f}, 1 + weight"
print(f"gemma: the stored weight starts at {gain:.0f} and the output is multiplied by 1 + weight")
