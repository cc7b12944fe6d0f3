"""Refutes: without position encoding a causal Transformer knows no order. LLaMA's class, all rotations by angle 0."""
import logging
import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import LlamaConfig, LlamaModel

logging.disable(logging.WARNING)
n = 16


def nope(ids, layers, seed, causal=True):
    """The outputs, n, d, of a Transformer without position encoding and with random weights."""
    torch.manual_seed(seed)
    model = LlamaModel(LlamaConfig(vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=layers,
                                   num_attention_heads=4, initializer_range=0.2)).double().eval()
    mask = None if causal else torch.zeros(1, 1, n, n, dtype=torch.float64)    # a 4-D mask replaces the causal one
    with torch.no_grad():
        return model(ids, position_ids=torch.zeros(1, n, dtype=torch.long), attention_mask=mask).last_hidden_state[0]


def change(seed, **how):
    """How far the last output moves when the tokens before it come in reverse."""
    torch.manual_seed(seed)
    ids = torch.randperm(50)[None, :n]
    backwards = torch.cat((ids[:, :-1].flip(1), ids[:, -1:]), 1)
    x, y = (nope(s, seed=seed, **how)[-1] for s in (ids, backwards))
    return ((x - y).norm() / x.norm()).item()


unmasked = [change(seed, layers=2, causal=False) for seed in range(5)]
one, two = ([change(seed, layers=layers) for seed in range(5)] for layers in (1, 2))
assert max(one) < 1e-12, f"one-layer: {max(one):.0e}"
print(f"one-layer: with one causal layer the last output moves by {max(one):.2f}, it sees a set")
claimed, actual = max(unmasked), min(two)
print(f"claimed {claimed:.2f}, actual {actual:.2f}: change of the last output, two layers, no mask or a causal one, 5 seeds")
assert claimed < 1e-12 and actual > 0.05, f"not-orderless: {claimed:.2f} and {actual:.2f}"

# --8<-- [start:count]
is_bos = torch.zeros(1, 1000, 1, dtype=torch.float64)
is_bos[:, 0] = 1                                                               # the value: 1 for BOS, 0 for the rest
zero = torch.zeros_like(is_bos)                                                # W_q = 0: all keys score alike
share = scaled_dot_product_attention(zero, zero, is_bos, is_causal=True)[0, :, 0]
position = 1 / share
# --8<-- [end:count]
assert (position - torch.arange(1, 1001)).abs().max() < 1e-9, f"count: {position[-1]:.1f}"
print(f"count: from the share of BOS, 1/t, positions 1 to {position[-1]:.0f} come out exactly")
same = [nope(torch.full((1, n), 7), 2, seed) for seed in range(5)]
spread = max((o - o[0]).abs().max().item() for o in same)
assert spread < 1e-12, f"same-token: {spread:.0e}"
print("same-token: if all tokens are the same, all outputs are: there is nothing to count")
