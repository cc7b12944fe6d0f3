# bagu: seconds=60
"""What weight decay 0.1 touches and does: GPT-2 small, LLaMA-2-7B."""
import numpy as np
import torch
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM
from transformers.trainer_pt_utils import get_parameter_names


# --8<-- [start:count]
def split(model):
    """Parameters that are decayed and that aren't: no bias and no norm (names and types), or matrices only (rank)."""
    patterns = [r"bias", r"layernorm", r"rmsnorm", r"(?:^|\.)norm(?:$|\.)", r"_norm(?:$|\.)"]    # as in Trainer
    decayed = set(get_parameter_names(model, [torch.nn.LayerNorm], patterns))
    sizes = {n: (p.numel(), p.ndim) for n, p in model.named_parameters()}
    by_name = [sum(k for n, (k, _) in sizes.items() if (n in decayed) == yes) for yes in (True, False)]
    by_rank = [sum(k for k, d in sizes.values() if (d >= 2) == yes) for yes in (True, False)]
    return by_name, by_rank


with torch.device("meta"):                       # shapes only, no memory
    gpt2, llama = GPT2LMHeadModel(GPT2Config()), LlamaForCausalLM(LlamaConfig())    # the defaults are 124M and 7B
# --8<-- [end:count]
for name, model, norms, biases in (("gpt2", gpt2, 25 * 2 * 768, 12 * (2304 + 768 + 3072 + 768)), ("llama", llama, 65 * 4096, 0)):
    by_name, by_rank = split(model)
    assert by_name == by_rank, f"rules: {name} {by_name} by name and type, {by_rank} by ndim >= 2"
    assert by_name[1] == norms + biases, f"exempt: {name} {by_name[1]} not decayed, {norms} in norms and {biases} in biases"
    print(f"exempt: {name} has {sum(by_name)} parameters, {by_name[1]} = {by_name[1] / sum(by_name):.3%} not decayed: "
          f"{norms} in norms, {biases} in biases")

# LLaMA-2-7B: peak learning rate 3e-4, weight decay 0.1, 2T tokens in batches of 4M, warm-up 2000, cosine to 10 %.
peak, lam, warm, tokens, batch = 3e-4, 0.1, 2000, 2e12, 4e6
steps = int(tokens / batch)
t = np.arange(1, steps + 1)
cosine = peak * (0.1 + 0.9 * (1 + np.cos(np.pi * (t - warm) / (steps - warm))) / 2)
eta = np.where(t < warm, peak * t / warm, cosine)
kept = np.prod(1 - eta * lam)                    # factor that decay alone leaves of the initial weights
mean = 0.55 * (steps - warm) + warm / 2          # in units of the peak: area under the cosine, and the triangle
assert abs(np.log(kept) / (-lam * peak * mean) - 1) < 1e-3, f"forget: ln {np.log(kept):.2f}, area {-lam * peak * mean:.2f}"
memory = round(1 / (peak * lam))                 # steps until 1/e is left, at a constant peak
assert abs((1 - peak * lam) ** memory * np.e - 1) < 1e-4, f"step: after {memory} steps {(1 - peak * lam) ** memory:.4f}"
print(f"step: at the peak a step multiplies by 1 - {peak * lam:.5f}; after {memory} steps 1/e is left")
print(f"forget: {steps} steps leave {kept:.3%} of the initial weights, e^{np.log(kept):.2f}")
two = np.prod(1 - eta[:20000] * lam)
area = warm / 2 + (20000 - warm)                 # in units of the peak, as if it were held: the cosine has hardly begun to fall
assert 0 < np.log(two) + lam * peak * area < 0.01, f"early: {two:.3f} kept, {np.exp(-lam * peak * area):.3f} at a held peak"
print(f"early: the first 20000 steps leave {two:.0%}")
