"""What real models use: 0.02, 0.006, truncation, and GPT-2's scaling of the residual branches."""
from math import sqrt
import numpy as np
import torch
from torch import nn
from transformers import GPT2Config, GPT2Model

torch.set_num_threads(1)                                         # small matrices: threads only cost time
# --8<-- [start:real]
def branches(model, ids):
    """Mean square of what each of the 24 branches adds to the residual stream, (12, 2), and of their sum."""
    seen = []
    hooks = [m.register_forward_hook(lambda m, i, o: seen.append(o)) for b in model.h for m in (b.attn.c_proj, b.mlp.c_proj)]
    with torch.no_grad():
        model(ids)
    for hook in hooks:
        hook.remove()
    return np.reshape([o.square().mean() for o in seen], (12, 2)), sum(seen).square().mean().item()


ratios, mlp, gains, independent = [], [], [], []
for seed in range(3):
    torch.manual_seed(seed)
    cfg = GPT2Config(vocab_size=200, n_positions=64, n_embd=192, n_head=3, bos_token_id=0, eos_token_id=0)
    model, ids = GPT2Model(cfg).eval(), torch.randint(200, (2, 32))          # 12 layers, as in GPT-2 small
    std = {n: p.std().item() for n, p in model.h[0].named_parameters() if p.ndim == 2}
    scaled, total = branches(model, ids)
    for name, p in model.named_parameters():
        if name.endswith("c_proj.weight"):
            p.data *= sqrt(2 * cfg.n_layer)                      # undo the scaling
    plain, plain_total = branches(model, ids)
    ratios.append(std["mlp.c_fc.weight"] / std["mlp.c_proj.weight"])
    mlp.append(plain[:, 1].sum() / scaled[:, 1].sum())
    gains.append(plain_total / total)
    independent += [total / scaled.sum(), plain_total / plain.sum()]
# --8<-- [end:real]
counts = [len(found) for found in (ratios, mlp, gains, independent)]
assert counts == [3, 3, 3, 6], f"seeds: {counts} measurements, of three models"
assert all(abs(r / sqrt(24) - 1) < 0.02 for r in ratios), f"c-proj: smaller by {ratios}"
print(f"c-proj: std {std['mlp.c_fc.weight']:.3f} elsewhere, {std['mlp.c_proj.weight']:.4f} in c_proj: 1/{ratios[0]:.1f}")
assert all(abs(x - 1) < 0.1 for x in independent), f"add-up: sum of squares against square of the sum {independent}"
print("add-up: the mean square of the sum of all branches is the sum of theirs, within 10 %")
assert all(abs(x / 24 - 1) < 0.05 for x in mlp), f"mlp: {mlp}"
print(f"mlp: without the scaling the MLP branches are {np.mean(mlp):.0f} times as large; 2 L = {2 * cfg.n_layer}")
assert all(g > 1.1 * 24 for g in gains), f"stream: {gains}"
print(f"stream: all branches together, attention too: {np.mean(gains):.0f} times")


def kept(d, std, seed=0):
    """By what a d -> d layer with this standard deviation multiplies the mean square of a normalised input."""
    g = torch.Generator().manual_seed(seed)
    x = nn.functional.layer_norm(torch.randn(64, d, generator=g), (d,))
    return (x @ (torch.randn(d, 512, generator=g) * std)).square().mean().item()


gpt2, deepseek = kept(768, 0.02), kept(7168, 0.006)
assert abs(gpt2 / (768 * 0.02 ** 2) - 1) < 0.05, f"fan-a: {gpt2:.2f}"
assert abs(deepseek / (7168 * 0.006 ** 2) - 1) < 0.05, f"fan-b: {deepseek:.2f}"
print(f"fan-a: GPT-2 small: 768 x 0.02^2 = {768 * 0.02 ** 2:.2f}, measured {gpt2:.2f}")
print(f"fan-b: DeepSeek-V3: 7168 x 0.006^2 = {7168 * 0.006 ** 2:.2f}, measured {deepseek:.2f}")
w, x = torch.empty(1000, 1000), np.linspace(-2, 2, 4001)
density = np.exp(-x ** 2 / 2)
cut = sqrt((density * x ** 2).sum() / density.sum())             # std of N(0, 1) cut at +-2
two_sigma = nn.init.trunc_normal_(w, std=0.02, a=-0.04, b=0.04).std().item()  # as TensorFlow cuts: at two sigma
assert abs(two_sigma / 0.02 - cut) < 0.002, f"cut: {two_sigma:.4f} is what is left of 0.02"
print(f"cut: 0.02 cut at two sigma has std {two_sigma:.4f}")
