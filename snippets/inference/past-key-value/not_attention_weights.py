"""Refutes: past_key_values stores attention weights. Same weights, other values: another output."""
import copy
import torch
from transformers import LlamaConfig, LlamaForCausalLM

config = LlamaConfig(vocab_size=97, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=8,
                     num_key_value_heads=2, initializer_range=0.2, attn_implementation="eager")
count = lambda tensors: sum(x.numel() for x in tensors)


@torch.no_grad()
def run(model, ids):
    """The model's output, and what its last attention layer adds to the residual stream."""
    seen = []
    hook = model.model.layers[-1].self_attn.register_forward_hook(lambda m, x, y: seen.append(y[0]))
    out = model(ids, use_cache=True, output_attentions=True)
    hook.remove()
    return out, seen[0]


moved = []
for seed in range(10):
    torch.manual_seed(seed)
    model, ids = LlamaForCausalLM(config).eval(), torch.randint(0, 97, (1, 32))
    twin = copy.deepcopy(model)
    twin.model.layers[-1].self_attn.v_proj.weight.data.neg_()  # the last layer's values change sign, nothing else
    (one, o), (two, p) = run(model, ids), run(twin, ids)
    assert all(map(torch.equal, one.attentions, two.attentions)), "twins: attention weights agree bit for bit"
    k, v = zip(*((torch.equal(a.keys, b.keys), torch.equal(a.values, b.values))
                 for a, b in zip(one.past_key_values.layers, two.past_key_values.layers)))
    assert k == (True, True) and v == (True, False), f"only-values: keys agree {k}, values agree {v}"
    apart = ((o - p).norm() / o.norm()).item()
    assert abs(apart - 2) < 1e-5, f"too-little: attention outputs {apart:.2f} apart, of opposite sign"
    full, _ = run(model, torch.cat([ids, ids[:, :1]], 1))
    old, new = one.attentions[0][0, :, -1], full.attentions[0][0, :, -1]     # (H, 32) and (H, 33)
    stay = (full.attentions[0][0, :, :-1, :-1] - one.attentions[0][0]).abs().max().item()
    assert stay < 1e-6, f"rows-stay: the 32 old rows move by {stay:.1e}"
    assert (old > 0).all() and (new > 0).all(), "last-rows: the newest token attends to all tokens"
    moved.append((new[:, :-1] - old).abs().sum(-1).mean().item())
    both = torch.minimum(new[:, :-1], old)
    assert abs(moved[-1] - (new[:, :-1] + old - 2 * both).sum(-1).mean()) < 1e-5, f"distance: {moved[-1]:.3f}"
print(f"too-little: bit-identical attention weights, the layer's outputs {apart:.2f} apart (relative)")
assert min(moved) > 1, f"rows-change: {moved}"
print("rows-change: the next token's weights on the same 32 tokens differ by more than 1 in each of 10 models")

grow = []                                                      # elements: attention weights, past_key_values
for T in (16, 32):
    out, _ = run(model, ids[:, :T])
    grow.append((count(out.attentions), count(x for l in out.past_key_values.layers for x in (l.keys, l.values))))
claimed, actual = (b / a for a, b in zip(*grow))               # growth when the sequence doubles
print(f"claimed {claimed:.0f}, actual {actual:.0f}: growth of what is stored when 16 tokens become 32")
assert actual == 2 != claimed, f"not-attention-weights: weights grow {claimed:.0f} times, the cache {actual:.0f}"
