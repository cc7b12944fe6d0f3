"""Refutes: exploding gradients make the weights' updates slow. That is what vanishing does, and only without Adam."""
import torch

n, L, lr, seeds = 64, 20, 1e-3, range(6)


def first_update(gain, optimizer, seed):
    """Relative change |dW| / |W| of the FIRST layer in one step; ReLU layers, weight variance gain / n."""
    torch.manual_seed(seed)
    Ws = [torch.nn.Parameter(torch.randn(n, n) * (gain / n) ** 0.5) for _ in range(L)]
    h = torch.randn(n, 8)                                    # (n, batch)
    for W in Ws:
        h = torch.relu(W @ h)
    (h * torch.randn(n, 8)).sum().backward()                 # the loss's gradient at the output is the same for all
    before = Ws[0].detach().clone()
    optimizer([Ws[0]], lr=lr).step()
    return ((Ws[0].detach() - before).norm() / before.norm()).item()


SGD, Adam = torch.optim.SGD, torch.optim.Adam
step = {(name, gain): [first_update(gain, opt, s) for s in seeds]
        for name, opt in (("sgd", SGD), ("adam", Adam)) for gain in (1, 2, 4)}
for (name, gain), v in step.items():
    print(f"{name}: variance {gain}/n, first layer moves by {min(v):.1e} ... {max(v):.1e} of its norm")
assert max(step["sgd", 1]) < min(step["sgd", 2]) / 20, "vanishing-slow: variance 1/n moves less than 2/n"
ratio = [torch.tensor(step["adam", g]).mean() / torch.tensor(step["adam", 2]).mean() * (g / 2) ** 0.5 for g in (1, 4)]
assert max(abs(r - 1) for r in ratio) < 0.1, f"adam-same: absolute steps {ratio[0]:.2f} and {ratio[1]:.2f} of the healthy one"
print(f"adam-same: Adam's first step is {ratio[0]:.2f} and {ratio[1]:.2f} times the healthy one")


def spike(beta2):
    """Step of Adam, in learning rates, at a gradient of 10^4 after a long run of +1 and -1 (mean 0, mean square 1)."""
    p = torch.nn.Parameter(torch.zeros(1))
    opt = Adam([p], lr=1.0, betas=(0.9, beta2))
    opt.state[p] = {"step": torch.tensor(1e6), "exp_avg": torch.zeros(1), "exp_avg_sq": torch.ones(1)}
    p.grad = torch.tensor([1e4])
    opt.step()
    return abs(p.item())


for beta2 in (0.999, 0.95):
    moved, bound = spike(beta2), (1 - 0.9) / (1 - beta2) ** 0.5
    assert abs(moved / bound - 1) < 0.01, f"spike: beta2 {beta2}: a step of {moved:.2f} learning rates, not 10^4"
    print(f"spike: beta2 {beta2}: a gradient 10^4 times too large makes a step of {moved:.2f} learning rates")
claimed, actual = max(step["sgd", 2]), min(step["sgd", 4])   # slow: not above the healthy network; exploding network
print(f"claimed at most {claimed:.1e}, actual at least {actual:.1e}: relative update of the first layer, SGD")
assert actual > 20 * claimed, f"not-slow: exploding {actual:.1e}, healthy {claimed:.1e}"
