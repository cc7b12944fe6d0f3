"""Refutes: RoPE is added to the embedding. In LLaMA the input carries no position; each layer turns q and k anew."""
import logging
import torch
from transformers import AttentionInterface, LlamaConfig, LlamaModel
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb, eager_attention_forward

logging.disable(logging.WARNING)
torch.manual_seed(0)
n, d, h, layers = 12, 64, 4, 3
seen = []                                                                      # what each layer's attention receives


def spy(module, q, k, v, *args, **kwargs):
    seen.append((module, q, k, v))
    return eager_attention_forward(module, q, k, v, *args, **kwargs)


AttentionInterface.register("spy", spy)
model = LlamaModel(LlamaConfig(vocab_size=50, hidden_size=d, intermediate_size=d, num_hidden_layers=layers,
                               num_attention_heads=h, initializer_range=0.3)).double().eval()
model.set_attn_implementation("spy")


def run(X, positions):
    """Scores of the first layer, h, n, n, and the inputs of all layers."""
    seen.clear()
    with torch.no_grad():
        out = model(inputs_embeds=X, position_ids=positions, output_hidden_states=True)
    return seen[0][1][0] @ seen[0][2][0].transpose(-1, -2), out.hidden_states


def uneven(S):
    """How far the scores of pairs at one offset differ, against all scores."""
    bands = [S.diagonal(-k, -2, -1) for k in range(1, n)]
    return (max((b.amax(-1) - b.amin(-1)).max() for b in bands) / S.std()).item()


positions, zeros = torch.arange(n)[None], torch.zeros(1, n, dtype=torch.long)
E = model.embed_tokens(torch.full((1, n), 7)).detach()                         # one token, repeated
S, inputs = run(E, positions)
bottom = inputs[0]
assert (bottom == E).all(), "input: LLaMA's input is the bare embedding"
cos, sin = model.rotary_emb(E, positions)
turned, by_hand = 0, []                                                       # layers; scores with our own q and k
for (layer, q, k, v), x in zip(seen, inputs):
    x = model.layers[layer.layer_idx].input_layernorm(x)
    heads = lambda y: y.view(1, n, h, -1).transpose(1, 2)
    Q, K = apply_rotary_pos_emb(heads(layer.q_proj(x)), heads(layer.k_proj(x)), cos, sin)
    by_hand.append(Q[0] @ K[0].transpose(-1, -2))
    turned += torch.allclose(torch.stack((q, k, v)), torch.stack((Q, K, heads(layer.v_proj(x)))))
assert turned == layers, f"each-layer: {turned}"
assert torch.allclose(S, by_hand[0]), "scores: those of the first layer"
print(f"input, each-layer: the input is the bare embedding; q and k, not v, are turned in {turned} of {layers} layers")

assert run(E, zeros)[0].flatten(1).std(-1).max() < 1e-12, "zeros: with all positions 0 there is no rotation"
cos, sin = LlamaRotaryEmbedding(LlamaConfig(hidden_size=d, num_attention_heads=1))(E, positions)  # as wide as E
once = apply_rotary_pos_emb(E[:, None], E[:, None], cos, sin)[0][:, 0]
added = E + torch.cat((sin[..., :d // 2], cos[..., d // 2:]), -1)              # the sinusoids
turned_first = uneven(run(once, zeros)[0])
S_added = run(added, zeros)[0]
claimed, actual = uneven(S_added), uneven(S)
assert abs(uneven(10 * S_added) - claimed) < 1e-9, "unit: in standard deviations, whatever the scale of the scores"
print(f"claimed {claimed:.2f}, actual {actual:.2f}: spread of the scores at one offset, sin and cos added to the embedding, or RoPE")
print(f"turned-first: {turned_first:.2f} if the embedding is rotated, before W_q and W_k")
assert claimed > 0.3 and actual < 1e-4, f"not-added: {claimed:.2f} and {actual:.2f}"
assert turned_first > 0.3, f"turned-first: {turned_first:.2f}"
