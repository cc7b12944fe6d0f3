"""What a decoder layer of LLaMA-2-7B keeps for backward under autocast, and why that isn't half."""
import re
from pathlib import Path

import torch
from torch._subclasses.fake_tensor import FakeTensorMode                   # shapes and dtypes without the memory
from torch.overrides import TorchFunctionMode
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaDecoderLayer, LlamaRotaryEmbedding

torch.manual_seed(0)
config = LlamaConfig(attn_implementation="sdpa")                           # the defaults are the 7B
d, f = 4096, 11008


class Spy(TorchFunctionMode):
    """Which functions are called, and the dtypes that they are given."""
    seen = {}

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.seen.setdefault(func.__name__, set()).update(a.dtype for a in args if isinstance(a, torch.Tensor))
        return func(*args, **(kwargs or {}))


# --8<-- [start:layer]
def for_backward(tokens, half):
    """What one layer keeps for backward, its fp32 weights aside: activations, and 16-bit copies of the weights."""
    with FakeTensorMode():
        layer, rotary = LlamaDecoderLayer(config, 0), LlamaRotaryEmbedding(config)
        X = torch.randn(1, tokens, d, requires_grad=True)
        own, found = {p.untyped_storage()._cdata for p in layer.parameters()}, {}
        pack = lambda t: found.setdefault(t.untyped_storage()._cdata, t)
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t), torch.autocast("cpu", torch.bfloat16, enabled=half), Spy():
            layer(X, attention_mask=None, position_embeddings=rotary(X, torch.arange(tokens)[None]))
    kept = [t for key, t in found.items() if key not in own]
    copy = lambda t: t.dim() == 2 and set(t.shape) <= {d, f}
    return [t for t in kept if not copy(t)], [t for t in kept if copy(t)]
# --8<-- [end:layer]


MiB = lambda tensors: sum(t.untyped_storage().nbytes() for t in tensors) / 2**20
for tokens in (2048, 8192):
    (old, none), (new, half) = for_backward(tokens, False), for_backward(tokens, True)
    plain, act, copies, one = MiB(old), MiB(new), MiB(half), tokens * d * 2 / 2**20          # one: (tokens, d) in 16 bits
    assert none == [] and copies == 2 * (4 * d * d + 3 * d * f) / 2**20, f"copies: {copies:.0f} MiB"
    norms = sum(t.shape == (1, tokens, d) and t.dtype == torch.float32 for t in new)         # input and normalized, twice
    casts = sum(t.shape == (tokens, d) and t.dtype == torch.bfloat16 for t in new)           # q, k, v; gate, up
    beyond = (act - plain / 2) / one
    assert (norms, casts) == (4, 5) and abs(beyond - (norms + casts - 2)) < 0.1, f"why: {beyond:.1f} beyond half"
    law = 2 * (2 * 4 * d + 9 * d + 4 * f) / (4 * (10 * d + 4 * f))         # bytes per token
    assert abs(act / plain - law) < 0.005, f"share: {act / plain:.2f} of fp32's"
    print(f"layer: {tokens} tokens: {plain:.0f} MiB in fp32, {act:.0f} + {copies:.0f} MiB of weight copies under autocast, "
          f"{(act + copies) / plain:.2f} times")
    assert (act + copies > 1.2 * plain) if tokens == 2048 else (act + copies < 0.85 * plain), f"layer: {tokens} tokens"
print(f"why: beyond half there are {norms} fp32 tensors of two norms and {casts - 2} repeated casts: {norms + casts - 2} of (tokens, d)")
print(f"share: activations are {act / plain:.2f} of fp32's")
header = (Path(torch.__file__).parent / "include/ATen/autocast_mode.h").read_text()           # what autocast of CUDA lists
to_fp32 = set(re.findall(r"\b_\((\w+)", header.split("define AT_FORALL_FP32(_)")[1].split("define AT_FORALL_DIFF")[0]))
forced = {name: kinds for name, kinds in Spy.seen.items() if name in to_fp32}
assert forced == {"pow": {torch.float32}, "rsqrt": {torch.float32}} and "softmax" in to_fp32, f"lists: {forced}"
print("lists: of this layer's functions CUDA's autocast forces pow and rsqrt to fp32; they are given fp32 as it is")
