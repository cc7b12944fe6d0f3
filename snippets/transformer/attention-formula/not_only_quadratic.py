"""Refutes: attention costs O(N^2 d), so the projections can be neglected. LLaMA-2-7B, counted."""
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaAttention, LlamaRotaryEmbedding

config = LlamaConfig(hidden_size=4096, num_attention_heads=32, num_key_value_heads=32, attn_implementation="eager")
D = config.hidden_size


def shares(N):
    """FLOPs of one layer's attention: projections, and the two N x N products."""
    with torch.device("meta"):                                 # shapes only, no arithmetic
        layer, X = LlamaAttention(config, layer_idx=0), torch.empty(1, N, D)
        position = LlamaRotaryEmbedding(config)(X, torch.arange(N)[None])
        with FlopCounterMode(display=False) as counter:
            out, A = layer(X, position_embeddings=position)
    assert (out.shape, A.shape) == (X.shape, (1, 32, N, N)), f"llama-shapes: {tuple(out.shape)}, {tuple(A.shape)}"
    if N == 4096:
        print(f"llama-shapes: output {tuple(out.shape)}, weights {tuple(A.shape)}, "
              f"{A.numel() * 2 / 2**30:.0f} GiB of fp16 weights a layer")
    flops = {str(k): v for k, v in counter.get_flop_counts()["Global"].items()}
    pairs = flops["aten.bmm"]
    return sum(flops.values()) - pairs, pairs


count = {N: shares(N) for N in (1024, 2048, 4096, 8192)}
for N, (projections, pairs) in count.items():
    assert (projections, pairs) == (8 * N * D * D, 4 * N * N * D), f"llama-flops: {projections} and {pairs} at N = {N}"
    print(f"llama-flops: N = {N}: projections {projections / 1e9:.0f} GFLOPs, N x N products {pairs / 1e9:.0f} GFLOPs")
assert count[2 * D][0] == count[2 * D][1], "crossover: both halves are equal at N = 2 D"
print(f"crossover: equal at N = 2 D = {2 * D}")

small, large = count[2048], count[4096]
share = large[1] / sum(large)
assert 0.33 < share < 0.34, f"share: {share:.3f}"
print(f"share: at N = 4096 the N x N products are {share:.0%} of the layer's attention")
claimed, actual = large[1] / small[1], sum(large) / sum(small)  # growth from N = 2048 to 4096
print(f"claimed {claimed:.2f}, actual {actual:.2f}: growth of the FLOPs when N doubles to 4096")
assert actual < 2.5 < claimed == 4, f"not-only-quadratic: {actual:.2f} times the FLOPs when N doubles, not {claimed:.2f}"
