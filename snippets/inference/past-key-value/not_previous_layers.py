"""Refutes: the cache hands previous layers to later ones. Damage one layer's entry and see who reads it."""
import torch
from transformers import LlamaConfig, LlamaModel

torch.manual_seed(0)
L = 4
config = LlamaConfig(vocab_size=97, hidden_size=64, intermediate_size=128, num_hidden_layers=L, num_attention_heads=8,
                     num_key_value_heads=2, initializer_range=0.2)
model = LlamaModel(config).eval()
ids = torch.randint(0, 97, (1, 9))
outputs = {}
for i, layer in enumerate(model.layers):
    layer.self_attn.register_forward_hook(lambda m, x, y, i=i: outputs.__setitem__(i, y[0].clone()))


@torch.no_grad()
def decode(damaged=None):
    """One step after a prefill of 8 tokens; the attention output of each layer."""
    cache = model(ids[:, :8], use_cache=True).past_key_values
    assert all(l.keys.shape[-2] == 8 for l in cache.layers), "tokens-not-layers: 8 entries in each layer, one a token"
    if damaged is not None:
        cache.layers[damaged].values[:, :, 3] += 1.0           # token 3 of one layer
    model(ids[:, 8:], past_key_values=cache)
    return dict(outputs)


clean = decode()
print(f"tokens-not-layers: each of the {L} layers holds 8 entries after 8 tokens")
readers = []                                                   # first layer whose attention notices the damage
for j in range(L):
    now = decode(damaged=j)
    readers.append(next((i for i in range(L) if not torch.equal(now[i], clean[i])), None))
reads = {i: range(i) for i in range(L)}                        # the claim: layer i reads the layers before it
claimed = [next((i for i in range(L) if j in reads[i]), None) for j in range(L)]
actual = readers
print("claimed", *claimed)
print("actual ", *actual)
assert actual == list(range(L)) != claimed == [1, 2, 3, None], f"not-previous-layers: entry j is read by {actual}"
