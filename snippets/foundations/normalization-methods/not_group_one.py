# bagu: seconds=40
"""Refutes: the Transformer's LayerNorm takes its statistics over a whole sequence (T, d). It takes them over d, per token."""
import torch
import torch.nn.functional as F
from transformers import GPT2Config, GPT2Model

torch.manual_seed(0)
B, T, d = 2, 6, 32
ln = GPT2Model(GPT2Config(n_layer=1, n_head=2, n_embd=d, vocab_size=50, bos_token_id=0, eos_token_id=0)).h[0].ln_1       # a real model's norm
x = torch.randn(B, T, d) * torch.arange(1, T + 1)[:, None]           # tokens of very different lengths
whole = lambda t: F.group_norm(t.transpose(1, 2), 1).transpose(1, 2)     # one mean and variance for (T, d)
with torch.no_grad():
    y = ln(x)
    over_sequence = whole(x)
    changed = x.clone()
    changed[:, -1] += 100                                            # only the last token changes
    change = lambda f: f(changed) - f(x)
    moved, leaked = change(ln)[:, :-1].abs().max().item(), change(whole)
assert torch.allclose(over_sequence, F.layer_norm(x, (T, d)), atol=1e-5), "whole: GroupNorm(1) is the norm over (T, d)"
assert moved == 0, f"causal: earlier tokens move by {moved} when the last one changes"
assert leaked[:, 0].abs().max() > 0.1, f"leak: over (T, d) the first token moves by {leaked[:, 0].abs().max():.2f}"
print(f"leak: over (T, d) the first token moves by up to {leaked[:, 0].abs().max():.2f}")
print(f"causal: earlier tokens move by {moved:.0f} when the last one changes")
rms = lambda t: t.square().mean(-1).sqrt()                           # (B, T) root mean square of each token
assert torch.allclose(rms(y), torch.ones(B, T), atol=1e-3), "per-token: every token has root mean square 1"
claimed, actual = rms(over_sequence)[0, 0].item(), rms(y)[0, 0].item()
print(f"claimed {claimed:.2f}, actual {actual:.2f}: root mean square of the first token after the norm")
assert abs(actual - claimed) > 0.4, f"not-group-one: {actual:.2f}, not {claimed:.2f}"
