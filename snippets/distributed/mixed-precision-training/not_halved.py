"""Refutes: mixed precision halves the memory of training. LLaMA-2-7B: model states, and what its layers keep for backward."""
import torch
from torch._subclasses.fake_tensor import FakeTensorMode                   # shapes and dtypes without the memory
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.models.llama.modeling_llama import LlamaDecoderLayer, LlamaRotaryEmbedding

torch.manual_seed(0)
config = LlamaConfig(attn_implementation="sdpa")                           # the defaults are the 7B
with torch.device("meta"):
    params = sum(p.numel() for p in LlamaForCausalLM(config).parameters())
d, f, L, V, tokens = 4096, 11008, 32, 32000, 8192
assert params == 2 * V * d + L * (4 * d * d + 3 * d * f + 2 * d) + d, f"count: {params}"
print(f"count: {params} parameters")


# --8<-- [start:states]
def states(half):
    """Bytes per parameter that are there after a step of AdamW: weight, gradient, moments."""
    layer = torch.nn.Linear(64, 64, bias=False)
    opt = torch.optim.AdamW(layer.parameters())
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        out = layer(torch.randn(8, 64))
    out.float().square().mean().backward()
    opt.step()
    w = layer.weight
    kept = [w, w.grad] + [t for t in opt.state[w].values() if t.dim()]
    return sum(t.nbytes for t in kept) / w.numel(), out.dtype


def for_backward(half):
    """Bytes that one decoder layer keeps for backward, its own weights not counted."""
    with FakeTensorMode():
        layer, rotary = LlamaDecoderLayer(config, 0), LlamaRotaryEmbedding(config)
        X = torch.randn(1, tokens, d, requires_grad=True)
        own, found = {p.untyped_storage()._cdata for p in layer.parameters()}, {}
        pack = lambda t: found.setdefault(t.untyped_storage()._cdata, t)
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t), torch.autocast("cpu", torch.bfloat16, enabled=half):
            layer(X, attention_mask=None, position_embeddings=rotary(X, torch.arange(tokens)[None]))
    return sum(t.untyped_storage().nbytes() for key, t in found.items() if key not in own)
# --8<-- [end:states]


(full, wide), (amp, narrow), by_paper = states(False), states(True), 2 + 2 + 4 + 4 + 4       # fp16 weight, gradient; fp32 master, moments
assert (wide, narrow) == (torch.float32, torch.bfloat16), f"on: the layer computes in {narrow}"
assert full == amp == by_paper == 16, f"bytes: {full:.0f} per parameter in fp32, {amp:.0f} under autocast, {by_paper} with a half copy"
print(f"bytes: {full:.0f} per parameter in fp32, {amp:.0f} under autocast, {by_paper} with fp16 weights and gradients and an fp32 master: "
      f"{amp * params / 1e9:.1f} GB")
(old, new), weights = map(for_backward, (False, True)), 4 * d * d + 3 * d * f
by_hand = [4 * tokens * (10 * d + 4 * f), 2 * tokens * (2 * 4 * d + 9 * d + 4 * f) + 2 * weights]      # 4 d stay fp32, 3 d are repeated
assert all(abs(a / b - 1) < 0.01 for a, b in zip((old, new), by_hand)), f"by-hand: {old / by_hand[0]:.3f}, {new / by_hand[1]:.3f}"
total, actual = (full * params + L * old) / 1e9, (amp * params + L * new) / 1e9
claimed = total / 2
sums = [(16 * params + L * b) / 1e9 for b in by_hand]
assert all(abs(a / b - 1) < 0.01 for a, b in zip((total, actual), sums)), f"total: {total:.1f} and {actual:.1f} GB"
print(f"claimed {claimed:.1f}, actual {actual:.1f}: GB of states and what {L} layers keep for {tokens} tokens; in fp32 {total:.1f}")
assert 1.8 * claimed < actual < 1.9 * claimed, f"not-halved: {actual:.1f} GB, not {claimed:.1f}; {actual / total:.2f} times the {total:.1f} of fp32"
