"""GPT-2 small: the loss at initialisation is an entropy plus a KL; its published perplexity in nats and bits; its floor with smoothed labels."""
from math import exp, log, log2
import torch
import torch.nn.functional as F
from transformers import GPT2Config

torch.manual_seed(0)
# --8<-- [start:init]
cfg = GPT2Config()
V, d = cfg.vocab_size, cfg.n_embd
W = torch.randn(V, d) * cfg.initializer_range    # (V, d) output matrix as GPT-2 initialises it
h = F.layer_norm(torch.randn(16, d), (d,))       # (16, d) 16 positions after the last LayerNorm
logits = h @ W.T                                 # (16, V)

uniform = torch.full_like(logits, 1 / V)         # labels that carry no information about the context
ce = F.cross_entropy(logits, uniform).item()
kl = F.kl_div(logits.log_softmax(-1), uniform, reduction="batchmean").item()
var = d * cfg.initializer_range**2               # variance of one logit, since |h|^2 = d
assert abs(ce - (log(V) + kl)) < 1e-4 and kl > 0.1, f"init: {ce:.3f} = ln V {log(V):.3f} + KL {kl:.3f}"
assert abs(kl - var / 2) < 0.01, f"init-kl: {kl:.3f}, half the variance of the logits {var / 2:.3f}"
print(f"init: loss {ce:.3f} nats = ln {V} ({log(V):.3f}) + KL ({kl:.3f})")
print(f"init-kl: measured KL {kl:.3f}, half the variance of the logits {var / 2:.3f}")
# --8<-- [end:init]

ppl = 29.41                                      # GPT-2 paper, table 3: 117M, WikiText-2, zero shot, per word
nats, bits = log(ppl), log2(ppl)
assert abs(2**bits - exp(nats)) < 1e-9 and 2**nats < 11, f"units: 2^nats would be {2 ** nats:.1f}, not {ppl}"
print(f"units: perplexity {ppl} = {nats:.2f} nats = {bits:.2f} bits per word; 2^nats would be {2**nats:.1f}")

target = torch.full((V,), 0.1 / V, dtype=torch.float64)      # label smoothing 0.1
target[0] += 0.9
entropy = torch.distributions.Categorical(target).entropy().item()
logit = [F.pad(torch.tensor([m / 4], dtype=torch.float64), (0, V - 1)) for m in range(161)]      # margins 0 ... 40
loss = [F.cross_entropy(x, torch.tensor(0), label_smoothing=0.1).item() for x in logit]
assert abs(min(loss) - entropy) < 1e-3, f"floor: best loss {min(loss):.3f}, entropy of the label {entropy:.3f}"
assert abs(loss[-1] - 0.1 * 40) < 1e-3 and loss[-1] > min(loss) + 1, f"overconfident: {loss[-1]:.2f} at margin 40"
print(f"floor: best loss {min(loss):.2f} = entropy of the smoothed label {entropy:.2f} nats")
print(f"overconfident: loss {loss[-1]:.2f} at margin 40")
