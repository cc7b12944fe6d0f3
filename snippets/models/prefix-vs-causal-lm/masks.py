"""The causal and the prefix mask: one formula, two independent constructions, and what a real model then sees."""
import matplotlib.pyplot as plt
import torch
from matplotlib.colors import ListedColormap
from torch.utils.flop_counter import FlopCounterMode
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.masking_utils import create_causal_mask


# --8<-- [start:mask]
def mask(n, P):
    """May query i look at key j? Causal, and everything inside the prefix of P tokens besides."""
    i, j = torch.arange(n)[:, None], torch.arange(n)
    return (j <= i) | (j < P)                               # n, n; P = 0 is the causal mask


torch.manual_seed(0)
config = LlamaConfig(vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                     num_attention_heads=4, initializer_range=0.2)
model = LlamaForCausalLM(config).double()                   # one set of weights for every mask


def depends(n, P):
    """Which logits change with which input embedding: the Jacobian of the whole model, n, n."""
    x = torch.randn(1, n, 32, dtype=torch.float64)
    run = lambda x: model(inputs_embeds=x, attention_mask=mask(n, P)[None, None]).logits[0].logsumexp(-1)
    return torch.autograd.functional.jacobian(run, x)[:, 0].abs().amax(-1) > 0
# --8<-- [end:mask]


def blocks(n, P):
    """As PaliGemma's own code does it: a running count of the tokens that start a new block."""
    starts = (torch.arange(n) >= P).long().cumsum(0)
    return starts[None, :] <= starts[:, None]


def library(n, P):
    """As transformers does it for PaliGemma: the tokens of group 0 see each other, group -1 is causal."""
    group = torch.where(torch.arange(n) < P, 0, -1)[None]
    made = create_causal_mask(config=config, inputs_embeds=torch.zeros(1, n, 32), attention_mask=None,
                              past_key_values=None, position_ids=None, block_sequence_ids=group)
    return made[0, 0]


cases = [(n, P, mask(n, P)) for n in (2, 5) for P in range(n + 1)]
for n, P, seen in cases:
    same = [torch.equal(seen, other(n, P)) for other in (blocks, library, depends)]
    assert all(same) and len(same) == 3 and len(cases) == 3 + 6, f"routes: {same} at n = {n}, P = {P}"
    extra = seen.triu(1).nonzero()                          # what the causal mask hides
    assert len(extra) == P * (P - 1) // 2 and (extra < P).all(), f"extra: {len(extra)} pairs at n = {n}, P = {P}"
print(f"routes: formula, block count, transformers and Jacobian agree in {len(cases)} cases")
print("extra: the prefix mask adds P (P - 1) / 2 pairs, all inside the prefix; P = 0 and P = 1 add none")

n, P, d, layers = 4096, 2048, 4096, 32                      # LLaMA-2-7B, half of the context as prefix
with torch.device("meta"):
    llama = LlamaForCausalLM(LlamaConfig(num_hidden_layers=layers, attn_implementation="eager"))
    with FlopCounterMode(display=False) as counter:         # counts the masked pairs too
        llama(torch.zeros(1, n, dtype=torch.long), attention_mask=torch.zeros(1, 1, n, n), use_cache=False)
linear = sum(p.numel() for p in llama.parameters() if p.ndim == 2) - llama.get_input_embeddings().weight.numel()
causal, added = n * (n + 1) // 2, P * (P - 1) // 2          # pairs that a kernel can't skip
attention = counter.get_total_flops() - 2 * n * linear      # of all n * n pairs
share = attention * added / (attention * causal + 2 * n * linear * n * n)
assert causal == mask(n, 0).sum() and causal + added == mask(n, P).sum(), f"pairs: {causal}, {added} more"
print(f"pairs: {causal} pairs causal, {added} more ({added / causal:.0%}) with a prefix of {P}")
assert abs(attention / (4 * d * layers * n * n) - 1) < 1e-4, f"counted: {attention}"
assert abs(share - 4 * d * layers * added / (13.2e9 * n + 4 * d * layers * causal)) < 1e-4, f"flops: {share:.1%}"
print(f"flops: {share:.1%} more FLOPs in the forward pass of LLaMA-2-7B")

fig, axes = plt.subplots(1, 2, figsize=(7.6, 3.9), layout="tight")
for ax, P, title in zip(axes, (0, 4), ("causal LM", "prefix LM, P = 4")):
    seen = mask(8, P)
    shade = seen.tril().int() + 2 * seen.triu(1).int()         # the extra pairs in another colour
    rows = [i for i in range(7) if not seen[i, i + 1]]         # that don't see the token they predict
    page = (f"prefix LM, P = {P}", 36 + 2 * 6, [3, 4, 5, 6]) if P else ("causal LM", 36, [*range(7)])
    assert (title, shade.sum().item(), rows) == page, f"figure: {shade}, {rows}"
    ax.imshow(shade, cmap=ListedColormap(["white", "#2a8fbd", "#d9622b"]), vmin=0, vmax=2)
    ax.set(title=title, xlabel="key j", ylabel="query i", xticks=range(8), yticks=range(8))
    ax.set_xticks([x - 0.5 for x in range(9)], minor=True), ax.set_yticks([x - 0.5 for x in range(9)], minor=True)
    ax.grid(which="minor", color="gray", linewidth=0.5)
    for i in rows:
        ax.text(7.8, i, f"loss on {i + 1}", va="center", fontsize=8)
fig.savefig("masks.svg", transparent=True)
