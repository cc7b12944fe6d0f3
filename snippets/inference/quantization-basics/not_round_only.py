"""Refutes: quantizing is rounding to an integer. Weights as GPT-2 starts with, with and without a scale."""
import torch
from transformers import GPT2Config

torch.manual_seed(0)
std = GPT2Config().initializer_range                   # 0.02
w = torch.randn(768, 768, dtype=torch.float64) * std
s = w.abs().amax(1, keepdim=True) / 127                # one scale per row

rounded, scaled = w.round().clamp(-127, 127), (w / s).round()
claimed, actual = rounded.unique().numel(), scaled.unique().numel()
print(f"claimed {claimed}, actual {actual}: different codes in use, rounding alone and rounding w / s")
assert claimed < 10 < 200 < actual <= 255, f"not-round: {actual} codes, not {claimed}"
lost = ((rounded - w).norm() / w.norm()).item()
kept = ((scaled * s - w).norm() / w.norm()).item()
assert lost == 1 and kept < 0.01, f"error: {100 * lost:.0f}% and {100 * kept:.1f}%"
print(f"error: {100 * lost:.0f}% of the weights' norm by rounding alone, all are 0; {100 * kept:.1f}% with a scale")

cut = (w / s).trunc()                                  # dropping the decimals: towards zero
ratio = (((cut * s - w) ** 2).mean() / ((scaled * s - w) ** 2).mean()).item()
assert abs(ratio - 4) < 0.05, f"truncate: {ratio:.2f}"  # s^2 / 3 against s^2 / 12
shrunk = (cut * s * w).sum() / (w * w).sum()
assert 0.985 < shrunk < 0.99 and abs((scaled * s * w).sum() / (w * w).sum() - 1) < 1e-3, f"shrink: {shrunk:.3f}"
print(f"truncate: {ratio:.2f} times the mean square error of rounding, even with a scale")
print(f"shrink: and all weights shrink on average, to {shrunk:.3f}; with rounding they don't")
