# bagu: seconds=40
"""Bytes of model states per GPU against the data-parallel degree: the paper's numbers, and LLaMA-2-7B."""
import matplotlib.pyplot as plt
import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

bf16, fp32 = torch.bfloat16.itemsize, torch.float32.itemsize


# --8<-- [start:states]
def states(psi, N, stage):                       # mixed-precision Adam, bytes on one GPU
    shards = lambda first_stage: N if stage >= first_stage else 1
    params = psi * bf16 / shards(3)
    grads = psi * bf16 / shards(2)
    optimizer = psi * 3 * fp32 / shards(1)       # master copy, first moment, second moment: K = 12
    return params + grads + optimizer
# --8<-- [end:states]


paper = {1: (120, 120, 120), 4: (52.5, 41.3, 30), 16: (35.6, 21.6, 7.5), 64: (31.4, 16.6, 1.88),     # Table 1, 7.5B
         256: (30.4, 15.4, 0.47), 1024: (30.1, 15.1, 0.12)}
for N, row in paper.items():
    mine = [states(7.5, N, stage) for stage in (1, 2, 3)]
    assert all(abs(a - b) <= 0.051 for a, b in zip(mine, row)), f"table-1: N = {N}: {mine}, the paper says {row}"
print("table-1: all 18 entries of the paper's Table 1 for 7.5 billion parameters agree")
limits = [states(1.0, 2 ** 40, stage) / states(1.0, 1, 0) for stage in (1, 2, 3)]
assert [round(1 / x) for x in limits[:2]] == [4, 8] and limits[2] < 1e-9, f"limits: {limits}"
print(f"limits: with many GPUs ZeRO-1 saves {1 / limits[0]:.0f} times, ZeRO-2 {1 / limits[1]:.0f} times, ZeRO-3 N times")

d, ffn, layers, vocab = 4096, 11008, 32, 32000   # LLaMA-2-7B
psi = (2 * vocab * d + layers * (4 * d * d + 3 * d * ffn + 2 * d) + d) / 1e9
with torch.device("meta"):                       # oracle: the implementation, shapes without storage
    built = sum(p.numel() for p in LlamaForCausalLM(LlamaConfig()).parameters()) / 1e9
assert abs(psi - built) < 1e-9, f"llama-built: {psi} billion by the formula, {built} billion in LlamaForCausalLM"
llama = [states(psi, 8, stage) for stage in range(4)]
text = ", ".join(f"{x:.1f}" for x in llama)
assert text == "107.8, 37.1, 25.3, 13.5", f"llama: {psi:.2f} billion, {text} GB"
print(f"llama: {psi:.2f} billion parameters on 8 GPUs, stages 0 to 3: {text} GB of model states")
ring = [pieces * 7 / 8 * psi * bf16 for pieces in (2, 3)]        # each piece sends 7 of 8 blocks, 2 bytes an element
assert f"{ring[0]:.1f} {ring[1]:.1f}" == "23.6 35.4", f"llama-traffic: {ring[0]:.1f} and {ring[1]:.1f} GB a step"
print(f"llama-traffic: {ring[0]:.1f} GB a step in stages 0 to 2, {ring[1]:.1f} GB in stage 3")
assert round(psi * 10, 1) == 67.4, f"llama-psi: {psi * 10:.1f} hundred million parameters"
print(f"llama-psi: {psi * 10:.1f} hundred million parameters")

Ns = 2 ** np.arange(0, 11)
fig, ax = plt.subplots(figsize=(6.4, 3.6))
for stage, color, mark in ((0, "#8a8a8a", "-^"), (1, "#d9622b", "-s"), (2, "#5a9e4b", "-D"), (3, "#2a8fbd", "-o")):
    ax.loglog(Ns, [states(psi, int(N), stage) for N in Ns], mark, ms=4, color=color,
              label="data parallelism" if stage == 0 else f"ZeRO-{stage}")
ax.set_xscale("log", base=2)
ax.axhline(80, color="#b0487a", lw=1, ls="--", label="80 GB GPU")
ax.set(title="LLaMA-2-7B, mixed-precision Adam: model states per GPU", xlabel="data-parallel degree N", ylabel="GB")
ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("states.svg", transparent=True)
