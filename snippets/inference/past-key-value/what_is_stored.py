"""Open the cache: it holds the outputs of k_proj (after RoPE) and v_proj of every past token, layer by layer."""
import torch
from transformers import LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
L, H, H_KV, D_HEAD, B, T = 2, 4, 2, 8, 1, 6
config = LlamaConfig(vocab_size=50, hidden_size=H * D_HEAD, intermediate_size=64, num_hidden_layers=L,
                     num_attention_heads=H, num_key_value_heads=H_KV, initializer_range=0.2,
                     attn_implementation="eager")
model = LlamaForCausalLM(config).eval()
ids = torch.randint(0, 50, (B, T))
seen = {}
for i, layer in enumerate(model.model.layers):
    for name in "qkv":
        hook = lambda m, x, y, key=(i, name): seen.__setitem__(key, y)
        getattr(layer.self_attn, f"{name}_proj").register_forward_hook(hook)


# --8<-- [start:open]
def rope(x, first=0, base=10000.0):
    """Rotate pair (i, i + d/2) of head vector x[..., t, :] by the angle (first + t) base^(-2i/d)."""
    half = x.shape[-1] // 2
    angle = torch.outer(first + torch.arange(x.shape[-2]), base ** (-torch.arange(half) / half))    # (T, d/2)
    z = torch.complex(x[..., :half], x[..., half:]) * torch.polar(torch.ones_like(angle), angle)
    return torch.cat([z.real, z.imag], -1)


heads = lambda y: y.view(B, -1, y.shape[-1] // D_HEAD, D_HEAD).transpose(1, 2)     # (B, heads, T, d)
with torch.no_grad():
    out = model(ids, use_cache=True, output_attentions=True)
for i, layer in enumerate(out.past_key_values.layers):
    K, V = heads(seen[i, "k"]), heads(seen[i, "v"])            # what this layer's own projections put out
    assert torch.equal(layer.values, V), f"values: layer {i}"
    assert torch.allclose(layer.keys, rope(K), atol=1e-5), f"keys-rotated: layer {i}"
    turned = (layer.keys - K).abs().amax((0, 1, 3))            # at each position; the first is not turned
    assert turned[0] < 1e-5 and turned[1:].min() > 0.1, f"keys-not-raw: layer {i}: {turned}"
# --8<-- [end:open]
print("values: equal to this layer's v_proj output, bit for bit")
print("keys-rotated: equal to this layer's k_proj output after RoPE, not before it")

K0, K1 = out.past_key_values.layers[0].keys, out.past_key_values.layers[1].keys
assert (K0 - K1).abs().max() > 0.1, "own-layer: every layer has its own keys"
a, k = out.attentions[0], K0
assert a.shape == (B, H, T, T) and k.shape == (B, H_KV, T, D_HEAD), f"other-shape: {tuple(a.shape)}, {tuple(k.shape)}"
print(f"other-shape: attention weights have shape {tuple(a.shape)}, the cached keys {tuple(k.shape)}")

past = [(layer.keys.clone(), layer.values.clone()) for layer in out.past_key_values.layers]
with torch.no_grad():
    step = model(ids[:, :1], past_key_values=out.past_key_values, use_cache=True)
    q = rope(heads(seen[0, "q"]), first=T)                     # (B, H, 1, d): the new token alone has a query
    k, v = (x.repeat_interleave(H // H_KV, 1) for x in
            (step.past_key_values.layers[0].keys, step.past_key_values.layers[0].values))
    o = (q @ k.mT / D_HEAD ** 0.5).softmax(-1) @ v             # (B, H, 1, d), no past query anywhere
    mine = model.model.layers[0].self_attn.o_proj(o.flatten(1))[:, None]
    hook = model.model.layers[0].self_attn.register_forward_hook(lambda m, x, y: seen.__setitem__("attention", y[0]))
    out.past_key_values.crop(-1)                               # take the token back, and watch the step once more
    model(ids[:, :1], past_key_values=out.past_key_values)
kept = all(torch.equal(n[:, :, :T], o) for l, p in zip(step.past_key_values.layers, past)
           for n, o in zip((l.keys, l.values), p))
assert kept, "append-only: the entries of past tokens never change"
print("append-only: a new token appends one position and leaves the others as they were, bit for bit")
assert torch.allclose(mine, seen["attention"], atol=1e-5), "no-past-query: the new q, all k and all v are enough"
print("no-past-query: the new token's q, with all k and v, gives the layer's attention output; no past q is read")
