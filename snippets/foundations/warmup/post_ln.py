"""Gradient of the last feed-forward matrix at initialization: post-LN against pre-LN, by depth."""
import torch
import torch.nn as nn

torch.set_num_threads(1)                                 # the matrices are small

d, heads, n, seeds = 64, 4, 8, 8                       # width, heads, tokens, random initializations
depths = (4, 8, 16, 32)


# --8<-- [start:grad]
def last_grad(L, pre_ln, seed):
    torch.manual_seed(seed)
    layer = nn.TransformerEncoderLayer(d, heads, 4 * d, dropout=0, batch_first=True, norm_first=pre_ln)
    net = nn.TransformerEncoder(layer, L, norm=nn.LayerNorm(d) if pre_ln else None, enable_nested_tensor=False)
    for p in net.parameters():                           # the copies are identical: draw each one afresh
        if p.dim() == 2:
            nn.init.xavier_normal_(p)
    head = nn.Linear(d, 100)
    x, y = torch.randn(4, n, d), torch.randint(100, (4 * n,))
    loss = nn.functional.cross_entropy(head(net(x)).flatten(0, 1), y)
    w2 = net.layers[-1].linear2.weight                   # W^{2,L} of the paper
    return torch.autograd.grad(loss, w2)[0].norm().item()
# --8<-- [end:grad]


norms = {pre: torch.tensor([[last_grad(L, pre, s) for L in depths] for s in range(seeds)]) for pre in (False, True)}
x = torch.tensor(depths).log()
x = x - x.mean()
slopes = {pre: (v.log() @ x) / (x @ x) for pre, v in norms.items()}          # (seeds,) exponents of L
mean = {pre: s.mean().item() for pre, s in slopes.items()}
half = {pre: 2.37 * s.std().item() / seeds**0.5 for pre, s in slopes.items()}  # 95 %: t with 7 degrees of freedom
assert abs(mean[False]) < 0.1 and half[False] < 0.1, f"post: exponent {mean[False]:.2f} +- {half[False]:.2f}"
assert -0.6 < mean[True] < -0.35 and half[True] < 0.1, f"pre: exponent {mean[True]:.2f} +- {half[True]:.2f}"
print(f"post: gradient of the last W2 ~ depth^{mean[False]:.1f}")
print(f"pre: gradient of the last W2 ~ depth^{mean[True]:.1f}")
ratio = (norms[False] / norms[True])[:, -1]
assert ratio.min() > 2 and 3.5 < ratio.mean() < 4.5, f"ratio: post over pre at depth 32, smallest of {seeds} seeds {ratio.min():.1f}"
print(f"ratio: at depth 32 post-LN's is {ratio.mean():.0f} times pre-LN's on average of {seeds} seeds")
