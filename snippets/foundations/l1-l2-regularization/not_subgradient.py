"""Refutes: add lambda |w| to the loss, train with SGD or Adam, and the weights become zero."""
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
n, p, lam, steps = 200, 20, 0.2, 1000
X = torch.randn(n, p)
truth = torch.zeros(p)
truth[:5] = torch.tensor([2.0, -1.5, 1.0, -1.0, 0.8])        # 15 irrelevant features
y = X @ truth + 0.3 * torch.randn(n)
loss = lambda w: ((X @ w - y) ** 2).mean() / 2


def proximal(eta=0.1):                           # ISTA: a gradient step on the loss, then the soft threshold
    w = torch.zeros(p)
    for _ in range(steps):
        w = w - eta * X.T @ (X @ w - y) / n
        w = w.sign() * (w.abs() - eta * lam).clamp_min(0)
    return w


def subgradient(make):                           # what everybody writes
    w = torch.randn(p).requires_grad_()
    opt = make([w])
    for _ in range(steps):
        opt.zero_grad()
        (loss(w) + lam * w.abs().sum()).backward()
        opt.step()
    return w.detach()


w_star = proximal()
slope = X.T @ (y - X @ w_star) / n               # optimality: -grad = lam sign(w), and within [-lam, lam] at zero
kkt = torch.where(w_star == 0, (slope.abs() - lam).clamp_min(0), (slope - lam * w_star.sign()).abs()).max()
assert kkt < 1e-10, f"kkt: the proximal solution violates optimality by {kkt:.1e}"
runs = {"SGD lr 0.1": lambda q: torch.optim.SGD(q, lr=0.1), "SGD lr 0.02": lambda q: torch.optim.SGD(q, lr=0.02),
        "Adam lr 0.02": lambda q: torch.optim.Adam(q, lr=0.02)}
ends = {name: subgradient(make) for name, make in runs.items()}
same = max((w - w_star).abs().max().item() for w in ends.values())
assert same < 0.05, f"same: {same:.3f} from the proximal solution"
zero = w_star == 0
left = {name: w[zero].abs().max().item() for name, w in ends.items()}
assert all(1e-9 < v < 0.05 for v in left.values()), f"small: {left} on the weights that ought to be zero"
for eta in (0.1, 0.02):                          # it can't rest at zero: the last jump was about eta lambda
    reach = left[f"SGD lr {eta}"] / (eta * lam)
    assert 0.3 < reach < 2, f"amplitude: the largest is {reach:.2f} eta lambda"
print("amplitude: the largest of them is of the order of eta lambda, for both learning rates")
for name, w in ends.items():
    print(f"{name}: {(w == 0).sum()} exact zeros, the 'zero' weights reach {left[name]:.4f}")
zeros = lambda w: int((w == 0).sum())
claimed, actual = zeros(w_star), max(map(zeros, ends.values()))
print(f"claimed {claimed}, actual {actual} exact zeros")
print(f"not-subgradient: {claimed} of 20 weights are zero by proximal steps, {actual} by subgradient steps")
assert actual == 0 and claimed == 15, \
    f"not-subgradient: {claimed} exact zeros by proximal steps, {actual} by subgradients"
