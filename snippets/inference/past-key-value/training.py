"""Training needs no cache: one forward pass serves all positions, and checkpointing would append twice."""
import torch
from torch.utils.checkpoint import checkpoint
from transformers import DynamicCache, LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
T = 8
config = LlamaConfig(vocab_size=97, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=8,
                     num_key_value_heads=2, initializer_range=0.2)
model = LlamaForCausalLM(config).train()
ids = torch.randint(0, 97, (1, T))

# --8<-- [start:parallel]
parallel = model(ids, labels=ids, use_cache=False).loss        # teacher forcing: T - 1 predictions in one pass
cache, losses = DynamicCache(config=config), []
for t in range(T - 1):                                         # the same predictions, one by one
    logits = model(ids[:, t:t + 1], past_key_values=cache).logits[:, -1]
    losses.append(torch.nn.functional.cross_entropy(logits, ids[:, t + 1]))
stepwise = torch.stack(losses).mean()
assert abs(parallel - stepwise) < 1e-5, f"one-pass: {parallel:.6f} and {stepwise:.6f}"
print(f"one-pass: one call without a cache gives the loss of {T - 1} calls with it")
# --8<-- [end:parallel]

cache, X = DynamicCache(), torch.randn(1, T, 8, requires_grad=True)


def layer(x):
    """A layer that writes to the cache, as attention does in its forward pass."""
    k, v = cache.update(x[:, None], x[:, None], 0)
    return k.sum() + v.sum()


checkpoint(layer, X, use_reentrant=True).backward()            # the backward pass runs layer a second time
assert cache.get_seq_length() == 2 * T, f"twice: {cache.get_seq_length()} entries"
print(f"twice: after a checkpointed forward and backward pass over {T} tokens the cache holds {cache.get_seq_length()}")

model.activation_checkpointing_enable()
out = model(ids, use_cache=True)
assert out.past_key_values is None, f"switched-off: {out.past_key_values}"
print("switched-off: with checkpointing in training, use_cache=True returns no cache")
