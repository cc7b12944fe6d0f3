"""Bytes of past_key_values for real configurations: the models run on the meta device, no weight is stored."""
import torch
from transformers import DeepseekV3Config, DeepseekV3Model, GPT2Config, GPT2Model, LlamaConfig, LlamaModel

K, M, G = 2 ** 10, 2 ** 20, 2 ** 30
gpt2 = GPT2Config(dtype=torch.float16)
llama2 = LlamaConfig(hidden_size=4096, intermediate_size=11008, num_hidden_layers=32, num_attention_heads=32)
llama3 = LlamaConfig(hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, num_attention_heads=32,
                     num_key_value_heads=8, vocab_size=128256)
deepseek = DeepseekV3Config()
deepseek_2 = DeepseekV3Config(num_hidden_layers=2)             # its first two layers will do, all 61 are alike here


# --8<-- [start:measure]
def prefill(Model, config, T):
    """What the model hands back after a prompt of T tokens, in fp16."""
    with torch.device("meta"), torch.no_grad():
        return Model(config).half()(torch.zeros(1, T, dtype=torch.long)).past_key_values


def measured(cache):
    return sum(x.numel() * x.element_size() for layer in cache.layers for x in (layer.keys, layer.values))


def formula(L, h_kv, d_head, T, B=1, size=2):
    return 2 * L * B * h_kv * T * d_head * size                # 2: keys and values
# --8<-- [end:measure]


for name, Model, config, (L, h_kv, d), T, unit, total in (
        ("GPT-2 small", GPT2Model, gpt2, (12, 12, 64), 1024, (M, "MiB"), 36),
        ("LLaMA-2-7B", LlamaModel, llama2, (32, 32, 128), 4096, (G, "GiB"), 2),
        ("Llama-3-8B", LlamaModel, llama3, (32, 8, 128), 8192, (G, "GiB"), 1)):
    cache = prefill(Model, config, T)
    size = measured(cache)
    shape = tuple(cache.layers[0].keys.shape)
    assert shape == (1, h_kv, T, d) and len(cache.layers) == L, f"real-shapes: {name} {shape}, {len(cache.layers)}"
    assert size == formula(L, h_kv, d, T) == total * unit[0], f"real-bytes: {name} {size / unit[0]} {unit[1]}"
    print(f"real-shapes: {name}: {L} layers, keys and values {shape}")
    print(f"real-bytes: {name}: {size / T / K:.0f} KiB a token, {size / unit[0]:.0f} {unit[1]} at {T} tokens")
    if name == "LLaMA-2-7B":
        cache.batch_repeat_interleave(8)                       # the cache's own method: 8 sequences
        batch = measured(cache)

cache = prefill(DeepseekV3Model, deepseek_2, 1024)             # latent attention: neither K nor V is kept
L, size = deepseek.num_hidden_layers, measured(cache) / 2 * deepseek.num_hidden_layers
latent, rotary = (tuple(x.shape) for x in (cache.layers[0].keys, cache.layers[0].values))
assert (latent, rotary) == ((1, 1, 1024, 512), (1, 1, 1024, 64)), f"mla: {latent}, {rotary}"
full = formula(L, 128, 128, 1024) / size
expanded = L * 128 * (128 + 64 + 128) * 1024 * 2 / size         # its own keys (with the RoPE part) and values, expanded
assert L == 61 and round(full) == 57 and round(expanded) == 71, f"mla-saving: {full:.1f}, {expanded:.1f}, {L} layers"
print(f"mla: DeepSeek-V3: {L} layers, keys {latent}, values {rotary}, {size / 1024 / K:.1f} KiB a token, "
      f"1/{full:.0f} of plain K and V, 128 heads of 128; 1/{expanded:.0f} of its own K (192) and V (128) expanded")

assert batch == 16 * G == formula(32, 32, 128, 4096, B=8), f"batch: {batch / G} GiB"
one = LlamaConfig(hidden_size=4096, intermediate_size=11008, num_hidden_layers=1, num_attention_heads=32,
                  attn_implementation="eager")                 # one layer, which hands its weights out
with torch.device("meta"), torch.no_grad():
    A = LlamaModel(one).half()(torch.zeros(1, 4096, dtype=torch.long), output_attentions=True).attentions[0]
weights = llama2.num_hidden_layers * A.numel() * A.element_size()
assert A.shape == (1, 32, 4096, 4096) and weights == 32 * G, f"weights: {tuple(A.shape)}, {weights / G} GiB"
print(f"batch: LLaMA-2-7B, 8 sequences of 4096 tokens: {batch / G:.0f} GiB")
print(f"weights: all its attention weights for one such sequence would be {weights / G:.0f} GiB")
