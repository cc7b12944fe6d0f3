"""Refutes: four bits are half a byte per parameter. LLaMA-2-7B counted, and a real matrix packed."""
import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

config = LlamaConfig(vocab_size=32000, hidden_size=4096, intermediate_size=11008, num_hidden_layers=32,
                     num_attention_heads=32)           # LLaMA-2-7B
with torch.device("meta"):                             # shapes only
    model = LlamaForCausalLM(config)
total = sum(p.numel() for p in model.parameters())
linear = sum(m.weight.numel() for m in model.model.modules() if isinstance(m, torch.nn.Linear))
rest = total - linear                                  # embedding, output layer, norms: left in 16 bits
d, f, layers = 4096, 11008, 32
assert linear == layers * (4 * d * d + 3 * d * f) and rest == 2 * 32000 * d + (2 * layers + 1) * d, "count: by formula"
print(f"count: {total / 1e9:.2f} billion parameters, {linear / 1e9:.2f} of them in the blocks' matrices; "
      f"the rest are {100 * rest / total:.1f}%, {2 * rest / 1e9:.2f} GB in 16 bits")

# --8<-- [start:pack]
def pack(w, group):
    """4 bits, asymmetric: two codes a byte, and per group a scale and a minimum in 16 bits."""
    w = w.reshape(-1, group)
    low = w.min(1, keepdims=True).astype(np.float16)
    s = ((w.max(1, keepdims=True) - low) / 15).astype(np.float16)
    q = np.clip(np.round((w - low) / s), 0, 15).astype(np.uint8)
    return q[:, ::2] | q[:, 1::2] << 4, s, low


def unpack(codes, s, low):
    q = np.stack((codes & 15, codes >> 4), -1).reshape(len(codes), -1)
    return q * s.astype(np.float32) + low
# --8<-- [end:pack]

w = np.random.default_rng(0).standard_normal((256, 4096)).astype(np.float32)
bits = {g: 8 * sum(part.nbytes for part in pack(w, g)) / w.size for g in (32, 64, 128)}
assert bits == {g: 4 + 32 / g for g in bits}, f"packed: {bits}"
packed = pack(w, 128)
worst = np.abs(unpack(*packed) - w.reshape(-1, 128)).max() / packed[1].max()
assert 0.3 < worst < 0.55, f"unpacked: {worst:.2f} steps at most"      # half a step; 16-bit minimum and scale
print("packed: scale and minimum of 16 bits:", ", ".join(f"{b} bits with groups of {g}" for g, b in bits.items()))

kinds = {"scale alone": 4 + 16 / 128, "scale, 4-bit zero point": 4 + 20 / 128, "scale, 16-bit minimum": bits[128],
         "NF4, twice quantized": 4 + 8 / 64 + 32 / (64 * 256), "Q4_0, groups of 32": 4 + 16 / 32}
size = {name: (linear * b / 8 + rest * 2) / 1e9 for name, b in kinds.items()}
norms = rest - 2 * 32000 * d                           # llama.cpp's file: norms in 32 bits, embedding in Q4_0,
size["Q4_0, groups of 32"] = (18 / 32 * (linear + 32000 * d) + 210 / 256 * 32000 * d + 4 * norms) / 1e9  # output in Q6_K
gib = size["Q4_0, groups of 32"] * 1e9 / 2 ** 30
assert abs(gib - 3.56) < 0.005, f"file: {gib:.3f} GiB"  # @ggml2026llamacpp, tools/llama-bench/README.md: 3.56 GiB
print(f"file: LLaMA-2-7B in Q4_0 is {size['Q4_0, groups of 32']:.2f} GB, {gib:.2f} GiB")
n = 64 * 256                                           # weights; codes, then what each format stores beside them
stored = dict(zip(kinds, (n // 2 + n // 128 * 2, n // 2 + n // 128 * 5 // 2, n // 2 + n // 128 * 4,
                          n // 2 + n // 64 + 4, n // 32 * 18)))           # bytes; a block of Q4_0 has 18
assert all(8 * stored[name] == b * n for name, b in kinds.items()), f"kinds: {kinds}"
for name, b in kinds.items():
    print(f"kinds: {name}: {b:.3f} bits, {size[name]:.2f} GB")
channels = sum(m.out_features for m in model.model.modules() if isinstance(m, torch.nn.Linear))
half, eight = 2 * total / 1e9, (linear + 2 * (rest + channels)) / 1e9         # int8: a 16-bit scale per channel
assert channels == layers * (5 * d + 2 * f), f"channels: {channels} scales"
assert 13.47 < half < 13.49 and 7.0 < eight < 7.01 and 3.96 < size["scale, 16-bit minimum"] < 3.97, "sizes: in GB"
print(f"sizes: fp16 {half:.2f} GB, int8 {eight:.2f} GB")
claimed, actual = total / 2 / 1e9, size["scale, 16-bit minimum"]
print(f"claimed {claimed:.2f} GB, actual {actual:.2f} GB: LLaMA-2-7B with 4-bit weights in groups of 128")
assert abs(4 * claimed - half) < 1e-9 and actual / claimed > 1.17, f"not-half: {actual / claimed:.3f} times"
print(f"not-half: {100 * (actual / claimed - 1):.0f}% more; only {half / actual:.1f} times smaller than fp16, not 4")

cache = 2 * layers * d * 4096 * 2 / 2 ** 30            # keys and values, 4096 tokens, fp16
small = cache / 2 + 2 * layers * 32 * 4096 * 2 / 2 ** 30                # int8, a 16-bit scale per head and token
assert cache == 2 and small == 1 + 2 / 128, f"cache: {cache:.0f} GiB, {small:.3f} GiB"
print(f"cache: {cache:.0f} GiB for 4096 tokens, untouched by quantized weights; {small:.2f} GiB in int8")
