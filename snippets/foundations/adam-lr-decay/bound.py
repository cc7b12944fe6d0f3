# bagu: seconds=60
"""How long can one step of Adam be? Every pattern of nine gradients after a long silence, and the worst sequence."""
from itertools import product
import torch

lr, T = 1e-3, 4000                                           # long enough for bias correction to have faded


# --8<-- [start:worst]
def ratio(g, b1, b2):
    """|m_hat| / sqrt(v_hat) after T steps: zeros, then the gradients g of shape (..., k), the last one newest."""
    age = torch.arange(g.shape[-1] - 1, -1, -1, dtype=torch.float64)
    m = (g * (1 - b1) * b1**age).sum(-1) / (1 - b1**T)
    v = (g**2 * (1 - b2) * b2**age).sum(-1) / (1 - b2**T)
    return m.abs() / v.sqrt()


def worst(b1, b2):
    """Cauchy-Schwarz: the ratio is largest for gradients that grow like (b2 / b1)**t. Returns that sequence."""
    return (b1 / b2) ** torch.arange(T - 1, -1, -1, dtype=torch.float64)
# --8<-- [end:worst]


def torch_steps(g, b1, b2):
    """Length of the last step of torch's Adam, in units of lr, for each row of g, shape (rows, T)."""
    x = torch.zeros(len(g), dtype=torch.float64, requires_grad=True)
    opt = torch.optim.Adam([x], lr=lr, betas=(b1, b2), eps=1e-15)
    for column in g.T:
        before, x.grad = x.detach().clone(), column.clone()
        opt.step()
    return ((x.detach() - before).abs() / lr).tolist()


k = 9
signs = torch.tensor(list(product((-1.0, 0.0, 1.0), repeat=k)), dtype=torch.float64)     # (3^9, 9)
signs = signs[signs[:, -1] != 0]                             # the newest gradient is not zero


def study(b1, b2):
    r = ratio(signs, b1, b2)
    single, pattern = torch.zeros(2, T, dtype=torch.float64)
    single[-1] = 1                                           # the paper's worst case: silence, then one gradient
    pattern[-k:] = signs[r.argmax()]
    one, longest, top = torch_steps(torch.stack([single, pattern, worst(b1, b2)]), b1, b2)
    alone = (1 - b1) / (1 - b2) ** 0.5
    paper = max(alone, 1)                                    # Kingma & Ba, section 2.1
    closed = alone / (1 - b1**2 / b2) ** 0.5
    assert abs(one / alone - 1) < 0.02, f"alone: {one:.2f} lr for one gradient after silence, {alone:.2f} lr in the long run"
    assert pattern.sum().abs() == k, f"same-sign: the worst pattern adds up to {pattern.sum():.0f}"
    print(f"enumerated: betas ({b1}, {b2}): of {len(signs)} patterns after silence, one gradient gives {one:.2f} lr, "
          f"the longest step is {longest:.2f} lr, {pattern.sum().abs():.0f} of the same sign")
    print(f"above-paper: betas ({b1}, {b2}): growing gradients give {top:.2f} lr, the paper's bound is {paper:.2f} lr")
    return one, longest, r.max().item(), top, paper, closed


a, b = study(0.9, 0.999), study(0.9, 0.95)
assert all(abs(x[1] / x[2] - 1) < 1e-6 and x[2] <= x[3] for x in (a, b)), f"enumerated: {a[1]:.2f} and {b[1]:.2f} lr"
assert a[3] > 2 * a[4] and b[3] > 1.1 * b[4], f"above-paper: {a[3]:.2f} and {b[3]:.2f} lr"
assert all(abs(x[3] / x[5] - 1) < 0.01 for x in (a, b)), f"supremum: closed forms {a[5]:.2f} and {b[5]:.2f} lr"
print(f"supremum: closed forms {a[5]:.2f} and {b[5]:.2f} lr")
same = signs[(signs != 0).all(-1)]
steady = torch_steps(same.repeat(1, 8), 0.9, 0.999)          # (512, 72)
assert len(same) == 2**k and max(steady) < 1 + 1e-9, \
    f"steady: {max(steady):.4f} lr at most when all |g| are equal from the start"
print(f"steady: with all |g| equal from the first step on, {len(same)} patterns give at most {max(steady):.2f} lr")
