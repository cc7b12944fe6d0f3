"""mixup: mixed label or mixed loss is the same; what Beta(alpha, alpha) does; why mixing token ids is nonsense."""
import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
B, C = 6, 4
net = torch.nn.Sequential(torch.nn.Linear(5, 16), torch.nn.Tanh(), torch.nn.Linear(16, C))
x, y = torch.randn(B, 5), torch.randint(C, (B,))
perm, lam = torch.randperm(B), 0.3

# --8<-- [start:mixup]
x_mix = lam * x + (1 - lam) * x[perm]                    # (B, 5)
y_mix = lam * F.one_hot(y, C) + (1 - lam) * F.one_hot(y[perm], C)      # (B, C) soft labels
loss = F.cross_entropy(net(x_mix), y_mix)
# --8<-- [end:mixup]
code = lam * F.cross_entropy(net(x_mix), y) + (1 - lam) * F.cross_entropy(net(x_mix), y[perm])     # as the authors write it
assert abs(loss - code) < 1e-14, f"linear: {loss:.6f} with the mixed label, {code:.6f} with two losses"
print("linear: cross-entropy is linear in the label, so the mixed label and the two weighted losses agree")
assert torch.allclose(x_mix, torch.lerp(x[perm], x, lam)), "between: on the line from one input to the other"
apart = F.cross_entropy(net(x), y)                       # and of net(x[perm]), y[perm] as well: the same samples
assert abs(loss - apart) > 1e-3, "inputs: not the same as mixing the two losses of the unmixed inputs"

share = {}
for alpha in (0.2, 1.0):
    draws = np.random.default_rng(0).beta(alpha, alpha, 200000)
    var = 1 / (4 * (2 * alpha + 1))
    assert abs(draws.mean() - 0.5) < 0.005 and abs(draws.var() - var) < 0.002, f"beta: variance {var:.3f} at {alpha}"
    share[alpha] = (np.minimum(draws, 1 - draws) < 0.1).mean()
assert abs(share[1.0] - 0.2) < 0.005 and 0.6 < share[0.2] < 0.75, f"edge: {share[0.2]:.0%} at 0.2, {share[1.0]:.0%} at 1"
print(f"edge: lambda is within 0.1 of 0 or 1 in {share[0.2]:.0%} of the draws at alpha = 0.2, in {share[1.0]:.0%} at alpha = 1")
a, b, gap = 10, 90, {}
for name, emb in (("line", torch.arange(100.0)[:, None] * torch.randn(8)), ("usual", torch.nn.Embedding(100, 8).weight)):
    gap[name] = (emb[(a + b) // 2] - (emb[a] + emb[b]) / 2).abs().max().item()
assert gap["line"] < 1e-12 < 0.1 < gap["usual"], f"ids: the middle id is the middle only where embeddings lie on a line: {gap}"
print("ids: token 50 is not between token 10 and token 90; embeddings or hidden states can be mixed, ids can't")
