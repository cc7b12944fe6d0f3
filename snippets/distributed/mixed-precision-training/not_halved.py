"""Refutes: mixed precision halves the memory of training. LLaMA-2-7B: model states, and what a layer keeps for backward."""
import torch
from torch._subclasses.fake_tensor import FakeTensorMode                   # shapes and dtypes without the memory
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.models.llama.modeling_llama import LlamaDecoderLayer, LlamaRotaryEmbedding

torch.manual_seed(0)
config = LlamaConfig(attn_implementation="sdpa")                           # the defaults are the 7B
with torch.device("meta"):
    params = sum(p.numel() for p in LlamaForCausalLM(config).parameters())
d, f, L, V = 4096, 11008, 32, 32000
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
# --8<-- [end:states]


(full, wide), (amp, narrow), by_paper = states(False), states(True), 2 + 2 + 4 + 4 + 4       # fp16 weight, gradient; fp32 master, moments
claimed, actual = full / 2 * params / 1e9, amp * params / 1e9
print(f"claimed {claimed:.1f}, actual {actual:.1f}: GB of weights, gradients and Adam's moments in mixed precision")
assert (wide, narrow) == (torch.float32, torch.bfloat16), f"on: the layer computes in {narrow}"
assert full == amp == by_paper == 16, f"bytes: {full:.0f} per parameter in fp32, {amp:.0f} under autocast, {by_paper} with a half copy"
print(f"bytes: {full:.0f} per parameter in fp32, {amp:.0f} under autocast, {by_paper} with fp16 weights and gradients and an fp32 master")
assert abs(actual - 16 * params / 1e9) < 1e-6 and abs(actual / claimed - 2) < 1e-6, f"not-halved: {actual:.1f} GB, not {claimed:.1f}"


# --8<-- [start:layer]
def for_backward(tokens, half):
    """MiB that one decoder layer keeps for backward: activations, and 16-bit copies of its weights."""
    with FakeTensorMode():
        layer, rotary = LlamaDecoderLayer(config, 0), LlamaRotaryEmbedding(config)
        X = torch.randn(1, tokens, d, requires_grad=True)
        own, found = {p.untyped_storage()._cdata for p in layer.parameters()}, {}
        pack = lambda t: found.setdefault(t.untyped_storage()._cdata, t)
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t), torch.autocast("cpu", torch.bfloat16, enabled=half):
            layer(X, attention_mask=None, position_embeddings=rotary(X, torch.arange(tokens)[None]))
    size = lambda test: sum(t.untyped_storage().nbytes() for key, t in found.items() if key not in own and test(t)) / 2**20
    is_copy = lambda t: t.dim() == 2 and set(t.shape) <= {d, f} and tokens not in t.shape
    return size(lambda t: not is_copy(t)), size(is_copy)
# --8<-- [end:layer]


for tokens in (2048, 8192):
    (plain, none), (act, copies) = for_backward(tokens, False), for_backward(tokens, True)
    assert none == 0 and copies == 2 * (4 * d * d + 3 * d * f) / 2**20, f"copies: {copies:.0f} MiB"
    assert 0.6 < act / plain < 0.7, f"activations: {act / plain:.2f} of fp32's"
    print(f"layer: {tokens} tokens: {plain:.0f} MiB in fp32, {act:.0f} + {copies:.0f} MiB of weight copies under autocast, "
          f"{(act + copies) / plain:.2f} times")
    assert (act + copies > 1.2 * plain) if tokens == 2048 else (act + copies < 0.85 * plain), f"layer: {tokens} tokens"
print(f"copies: {copies:.0f} MiB per layer; activations: {act / plain:.2f} of fp32's, the stream between layers stays fp32")
