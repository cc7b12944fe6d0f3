"""LoRA on LLaMA-2-7B: trainable parameters and optimizer bytes, counted on the real architecture, without weights."""
import torch
import torch.nn as nn
from transformers import LlamaConfig, LlamaForCausalLM

config = LlamaConfig(hidden_size=4096, intermediate_size=11008, num_hidden_layers=32, num_attention_heads=32,
                     num_key_value_heads=32, vocab_size=32000, tie_word_embeddings=False)
with torch.device("meta"):                       # shapes only, no memory
    model = LlamaForCausalLM(config).requires_grad_(False)
total = sum(p.numel() for p in model.parameters())
layer = model.model.layers[0].self_attn.q_proj   # one matrix of 4096 x 4096, r = 8
one = 8 * layer.in_features + layer.out_features * 8
assert one == 65_536, f"one-matrix: {one} trainable of {layer.weight.numel()}"
print(f"one-matrix: {one} trainable parameters beside the {layer.weight.numel()} of q_proj")
assert f"{total / 1e8:.1f}" == "67.4", f"total: {total / 1e8:.1f} hundred million parameters"
print(f"total: {total / 1e8:.1f} hundred million parameters")


# --8<-- [start:count]
def adapters(targets, r=8):
    """One A (r, in) and one B (out, r) per target matrix; fp32, as the trainable part usually is."""
    matrices = [m for name, m in model.named_modules() if name.split(".")[-1] in targets]
    return [nn.Parameter(torch.empty(shape, device="meta"))
            for m in matrices for shape in ((r, m.in_features), (m.out_features, r))]


def adam_bytes(params):
    """What torch.optim.Adam really keeps for these parameters (two moments; scalars left out)."""
    optimizer = torch.optim.Adam(params, foreach=False)
    for p in params:
        p.grad = torch.empty_like(p)
    optimizer.step()
    return sum(t.nbytes for state in optimizer.state.values() for t in state.values() if t.dim())
# --8<-- [end:count]


attention, mlp = ["q_proj", "k_proj", "v_proj", "o_proj"], ["gate_proj", "up_proj", "down_proj"]
for label, targets, known in (("q-v", ["q_proj", "v_proj"], 4_194_304), ("all-linear", attention + mlp, 19_988_480)):
    params = adapters(targets)
    n, size = sum(p.numel() for p in params), adam_bytes(params)
    if label == "q-v":
        assert n == known and size == 8 * n, f"q-v: {n / 1e6:.2f} million, {size / 1e6:.1f} MB of Adam states"
    else:
        assert n == known and size == 8 * n, f"all-linear: {n / 1e6:.2f} million, {size / 1e6:.1f} MB of Adam states"
    print(f"{label}: {n / 1e6:.2f} million trainable, {n / total:.3%} of the model, {size / 1e6:.1f} MB of Adam states")
full = adam_bytes([nn.Parameter(torch.empty_like(p)) for p in model.parameters()])
assert 53.8e9 < full < 54e9, f"full: {full / 1e9:.1f} GB of Adam states for full fine-tuning"
print(f"full: {full / 1e9:.1f} GB of Adam states for full fine-tuning")
