"""Prefill, then decode with past_key_values: the logits of a full recomputation, with far fewer tokens processed."""
import torch
from transformers import DynamicCache, LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
L, H, H_KV, D_HEAD, B, PROMPT, T = 3, 8, 2, 16, 2, 8, 14       # grouped queries: 8 heads share 2 key-value heads
config = LlamaConfig(vocab_size=97, hidden_size=H * D_HEAD, intermediate_size=256, num_hidden_layers=L,
                     num_attention_heads=H, num_key_value_heads=H_KV, initializer_range=0.2)
model = LlamaForCausalLM(config).eval()
ids = torch.randint(0, 97, (B, T))

tokens = []                                                    # tokens that pass through layer 0, call by call
model.model.layers[0].self_attn.k_proj.register_forward_hook(lambda m, x, y: tokens.append(x[0].shape[1]))


# --8<-- [start:decode]
@torch.no_grad()
def decode():
    out = model(ids[:, :PROMPT])                               # prefill: nothing is passed in, a cache comes out
    cache, logits = out.past_key_values, [out.logits]          # logits (B, PROMPT, V)
    for t in range(PROMPT, T):
        out = model(ids[:, t:t + 1], past_key_values=cache)    # one new token, never the whole sequence
        logits.append(out.logits[:, -1:])                      # (B, 1, V)
    assert out.past_key_values is cache, "same-object: the cache is updated in place and handed back"
    return torch.cat(logits, 1), cache
# --8<-- [end:decode]


with torch.no_grad():
    full = model(ids, use_cache=False)
tokens.clear()
cached, cache = decode()
assert full.past_key_values is None, "off: use_cache=False returns no cache"
gap = ((cached - full.logits).norm() / full.logits.norm()).item()
assert gap < 1e-5, f"same-logits: relative gap {gap:.1e} at all positions"
print(f"same-logits: within 1e-5 of the full recomputation at all {T} positions, fp32")
assert isinstance(cache, DynamicCache) and len(cache.layers) == L, f"container: {cache}"
shapes = {tuple(x.shape) for layer in cache.layers for x in (layer.keys, layer.values)}
assert shapes == {(B, H_KV, T, D_HEAD)}, f"shapes: {shapes}"
print(f"shapes: a {type(cache).__name__} of {L} layers, each with keys and values "
      f"of shape ({B}, {H_KV}, {T}, {D_HEAD}), though there are {H} query heads")
assert cache.get_seq_length() == T, f"length: {cache.get_seq_length()}"

assert tokens == [PROMPT] + [1] * (T - PROMPT), f"work: {tokens}"
used = sum(tokens)
tokens.clear()
for t in range(PROMPT, T + 1):                                 # without a cache, every step starts over
    model(ids[:, :t], use_cache=False)
every = (PROMPT + T) * (T - PROMPT + 1) // 2
assert sum(tokens) == every > 5 * used, f"recompute: {sum(tokens)} tokens without a cache, {used} with it"
print(f"work: {used} tokens through each layer with the cache; {sum(tokens)} when every step starts over")

legacy = tuple((layer.keys, layer.values) for layer in cache.layers)
try:
    model(ids[:, -1:], past_key_values=legacy)
    accepted = True
except AttributeError as error:
    accepted = False
    print(f"tuple-gone: {error}")
assert not accepted and not hasattr(cache, "to_legacy_cache"), "tuple-gone: transformers 5 takes no tuple of tuples"
