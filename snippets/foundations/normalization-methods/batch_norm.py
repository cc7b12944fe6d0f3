"""BatchNorm: training against evaluation, and an output that depends on the neighbours and on the padding."""
import matplotlib.pyplot as plt
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
# --8<-- [start:modes]
n, d, m = 10, 4, 0.1                                 # rows of the batch, features, torch's default momentum
bn = nn.BatchNorm1d(d, affine=False)                 # running mean 0, running variance 1
x = torch.randn(n, d) * 2 + 3
y_train = bn(x)                                      # normalises with the batch, and updates the running statistics
bn.train(False)                                      # what bn.eval() calls
y_eval = bn(x)                                       # normalises with the running statistics
biased, unbiased = x.var(0, correction=0), x.var(0, correction=1)
# --8<-- [end:modes]
assert torch.allclose(y_train, (x - x.mean(0)) / (biased + bn.eps).sqrt()), "train-biased: the batch is divided by n"
assert torch.allclose(bn.running_var, (1 - m) * 1 + m * unbiased), "running-unbiased: the memory is divided by n - 1"
assert torch.allclose(bn.running_mean, m * x.mean(0)), "momentum: new = 0.9 old + 0.1 batch"
assert torch.allclose(y_eval, (x - bn.running_mean) / (bn.running_var + bn.eps).sqrt()), "eval: no batch statistics"
gap = (y_train - y_eval).abs().max().item()
assert abs(y_train.mean()) < 1e-9 and y_eval.mean() > 2 and 2 < gap < 5, f"modes: the same input differs by {gap:.1f} between training and evaluation"
print(f"modes: after one step the same input differs by up to {gap:.1f} between training and evaluation")
print("momentum: running = 0.9 x old + 0.1 x batch; a mean of 3 is remembered as "
      f"{bn.running_mean.mean():.1f} after one step")

# --8<-- [start:padding]
T, pad = 6, 4                                        # tokens of a sentence, padding tokens
sentence, others = torch.randn(1, T, d), torch.randn(2, 3, T, d) * 2 + 1
padded = lambda s: F.pad(s, (0, 0, 0, pad))          # (B, T, d) -> (B, T + pad, d), zeros at the end
flat_bn = lambda s: F.batch_norm(s.flatten(0, 1), None, None, training=True).view_as(s)   # statistics over B and T
ln = lambda s: F.layer_norm(s, (d,))
first = lambda f, s: f(s)[0, :T]                     # the sentence's own rows of the output
alone, other = (torch.cat([sentence, o]) for o in others)      # the same sentence in two batches
# --8<-- [end:padding]
later = alone.clone()
later[0, -1] += 1                                    # only the last token of the sentence changes
moved = [(f(later) - f(alone))[0, 0].abs().max().item() for f in (flat_bn, ln)]
assert moved[0] > 0.01 and moved[1] == 0, f"future: the first token moves by {moved[0]:.2f} under BN, {moved[1]:.0f} under LN"
print(f"future: the last token changes, and the first one moves by {moved[0]:.2f} under BN, by {moved[1]:.0f} under LN")
diff = lambda f, a, b: (first(f, a) - first(f, b)).abs().max().item()
nb, np_ = diff(flat_bn, alone, other), diff(flat_bn, alone, padded(alone))
assert nb > 0.05 and np_ > 0.05 > diff(flat_bn, alone, alone), f"neighbours: BN changes by {nb:.2f} with other neighbours, {np_:.2f} with padding"
ln_diffs = diff(ln, alone, other), diff(ln, alone, padded(alone))
assert max(ln_diffs) == 0, f"ln-alone: LN changes by {ln_diffs}"
print(f"neighbours: BN moves by {nb:.2f} with other neighbours, by {np_:.2f} with {pad} padding tokens")
print("ln-alone: LN moves by exactly 0 in both cases")

sizes, row, trials = [2 ** k for k in range(1, 11)], torch.randn(d), 400
spread = []
for b in sizes:                                      # the same row among b - 1 redrawn neighbours
    batch = torch.randn(trials, b, d)
    batch[:, 0] = row
    y = (row - batch.mean(1)) / (batch.var(1, correction=0) + 1e-5).sqrt()      # (trials, d) BN of the row
    assert torch.allclose(F.batch_norm(batch[0], None, None, training=True)[0], y[0]), "row: it is BN's output of row 0"
    spread.append(y.std(0).mean().item())
slope = torch.tensor(spread[4:]).log().diff().mean().item() / torch.tensor(2.0).log().item()
assert abs(slope + 0.5) < 0.05, f"noise: falls like b^{slope:.2f} from b = 32 on"
print(f"noise: b^{slope:.1f} from b = 32 on; {spread[3]:.2f} at b = 16, {spread[-1]:.3f} at b = 1024, 400 trials each")
fig, ax = plt.subplots(figsize=(6.6, 3.3))
ax.loglog(sizes, spread, "-o", ms=4, color="#d9622b", label="BatchNorm (training)")
ax.loglog(sizes, [spread[4] * (32 / b) ** 0.5 for b in sizes], ":", color="#888", label=r"$1/\sqrt{b}$")
ax.set(xlabel="batch size b (LayerNorm and RMSNorm: exactly 0)", ylabel="standard deviation",
       title="The output of one and the same row among redrawn neighbours")
ax.set_xscale("log", base=2)
ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("batch_norm.svg", transparent=True)
