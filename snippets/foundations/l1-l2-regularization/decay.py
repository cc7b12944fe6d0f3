"""L2 in the loss against decoupled weight decay: the same under plain SGD, not with momentum, not under Adam."""
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
eta, lam, steps = 0.05, 0.1, 60
X, y, start = torch.randn(64, 10), torch.randn(64), torch.randn(10)


# --8<-- [start:decay]
def train(make, l2=0.0, decay=0.0):
    """l2: (l2 / 2) ||w||^2 is added to the loss. decay: w is multiplied by 1 - eta decay, outside the gradient."""
    w = start.clone().requires_grad_()
    opt = make([w])
    for _ in range(steps):
        loss = ((X @ w - y) ** 2).mean() + l2 / 2 * (w * w).sum()
        opt.zero_grad()
        loss.backward()
        with torch.no_grad():
            w *= 1 - eta * decay
        opt.step()
    return w.detach()
# --8<-- [end:decay]


sgd = lambda p: torch.optim.SGD(p, lr=eta)
momentum = lambda p: torch.optim.SGD(p, lr=eta, momentum=0.9)
adam = lambda p: torch.optim.Adam(p, lr=eta)
gap = lambda a, b: ((a - b).norm() / b.norm()).item()
free = train(sgd)
same, moved = gap(train(sgd, l2=lam), train(sgd, decay=lam)), gap(train(sgd, l2=lam), free)
assert same < 1e-13 < 1e-3 < moved, f"sgd-same: the two differ by {same:.1e}; the penalty itself moves w by {moved:.1e}"
print("sgd-same: identical up to rounding after 60 steps of plain SGD")
coupled = train(momentum, l2=lam)
decayed = train(momentum, decay=lam)
apart = gap(coupled, decayed)
assert apart > 1e-3 and gap(decayed, train(momentum)) > 1e-3, f"momentum: only {apart:.1e} apart with momentum 0.9"
builtin = train(lambda p: torch.optim.SGD(p, lr=eta, momentum=0.9, weight_decay=lam))
assert gap(builtin, coupled) < 1e-13, f"momentum-library: SGD(momentum, weight_decay) is L2, {gap(builtin, coupled):.1e} apart"
print("momentum: with momentum 0.9 the two no longer agree")

# What the libraries do: Adam(weight_decay) is L2 in the gradient, AdamW(weight_decay) is decoupled.
lib = lambda cls: train(lambda p: cls(p, lr=eta, weight_decay=lam))
assert gap(lib(torch.optim.Adam), train(adam, l2=lam)) < 1e-9, "adam-is-l2: Adam(weight_decay) adds lam w to the gradient"
assert gap(lib(torch.optim.AdamW), train(adam, decay=lam)) < 1e-9, "adamw-is-decoupled: AdamW multiplies by 1 - eta lam"
assert gap(lib(torch.optim.Adam), lib(torch.optim.AdamW)) > 1e-2, "adam-differs: the two are different methods"
assert gap(lib(torch.optim.SGD), train(sgd, decay=lam)) < 1e-13, "sgd-library: SGD(weight_decay) is either"
