"""LLaMA-2-7B on 8 GPUs: what data, tensor and pipeline parallelism send per GPU and step, against the batch."""
import matplotlib.pyplot as plt

n, bf16 = 8, 2                                       # GPUs, bytes of an element
h, ffn, layers, vocab, s = 4096, 11008, 32, 32000, 4096      # LLaMA-2-7B: widths, layers, vocabulary, length
block = 4 * h * h + 3 * h * ffn + 2 * h
psi = 2 * vocab * h + layers * block + h
assert round(psi / 1e9, 1) == 6.7, f"llama: {psi} parameters"        # @touvron2023llama, Table 2


# --8<-- [start:traffic]
def all_reduce(elements):                            # a ring: reduce-scatter, then all-gather
    return 2 * (n - 1) / n * elements


def data(sequences):                                 # one all-reduce of the gradients, whatever the batch
    return all_reduce(psi) * bf16


def tensor(sequences):                               # 2 all-reduces forward, 2 backward, in each layer
    return layers * (2 + 2) * all_reduce(sequences * s * h) * bf16


def pipeline(sequences):                             # an inner stage: activations on, gradients back
    return (1 + 1) * sequences * s * h * bf16
# --8<-- [end:traffic]


for b in (1, 8, 1024):                               # @narayanan2021megatron, section 3.2: elements per device
    assert tensor(b) == bf16 * layers * 8 * b * s * h * (n - 1) / n, f"tensor-paper: {tensor(b)} bytes, {b} sequences"
    assert tensor(b) / pipeline(b) == 4 * layers * (n - 1) / n, f"tensor-pipeline: {tensor(b) / pipeline(b):.0f} times"
print(f"tensor-pipeline: tensor parallelism sends {tensor(1) / pipeline(1):.0f} times what an inner stage sends")
D, T, P = data(1) / 1e9, tensor(1) / 1e9, pipeline(1) / 1e9
assert abs(D - 3.5 * psi / 1e9) < 1e-9 and abs(T - 7 * 2**30 / 1e9) < 1e-9 and abs(P - 2**26 / 1e9) < 1e-9, \
    f"one-sequence: {D} {T} {P}"                     # by hand: 2 * 7/8 * 2 bytes; 7 * 2**30; 2**26
print(f"one-sequence: data {D:.1f} GB, tensor {T:.1f} GB, pipeline {P:.3f} GB")
batch = 1024                                         # about 4M tokens, @touvron2023llama2, Table 1
assert data(batch) == data(1) and tensor(batch) > 300 * data(batch) > 100 * pipeline(batch), f"step: {tensor(batch)}"
print(f"step: {batch} sequences: data {data(batch) / 1e9:.1f} GB, tensor {tensor(batch) / 1e12:.1f} TB, "
      f"pipeline {pipeline(batch) / 1e9:.1f} GB")


def states(weights):                                 # GB, mixed precision with Adam: weight, gradient, optimizer
    return (2 + 2 + 12) * weights / 1e9


stages = [layers // n * block + vocab * h * (i in (0, n - 1)) + h * (i == n - 1) for i in range(n)]      # 4 layers each
held = [states(w) for w in (psi, psi / n, stages[1], stages[-1])]
assert sum(stages) == psi and held[2] < held[1] < held[3] < 1.2 * held[1], f"states: {held}"
assert states(7.5e9) == 120, f"states-paper: {states(7.5e9)}"            # @rajbhandari2020zero, Figure 1
print(f"states: data {held[0]:.1f} GB, tensor {held[1]:.1f} GB, pipeline {held[2]:.1f} GB inside and {held[3]:.1f} GB at the end")
bs = [2 ** k for k in range(3, 11)]
fig, ax = plt.subplots(figsize=(6.4, 3.6))
for f, color, mark in ((tensor, "#d9622b", "-s"), (data, "#2a8fbd", "-o"), (pipeline, "#5a9e4b", "-D")):
    ax.loglog(bs, [f(b) / 1e9 for b in bs], mark, ms=4, color=color, label=f"{f.__name__} parallelism, 8 GPUs")
ax.set_xscale("log", base=2)
ax.set(title="LLaMA-2-7B, bf16: sent per GPU and step", xlabel="sequences of 4096 tokens in a step", ylabel="GB")
ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("traffic.svg", transparent=True)
