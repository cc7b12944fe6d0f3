"""Refutes: early gradients are large, so the optimizer makes the learning rate large."""
import torch

torch.set_default_dtype(torch.float64)


def step_size(make, gradient, warm=300):
    """Displacement per unit of gradient after `warm` steps with gradients of this size: the effective rate."""
    p = torch.nn.Parameter(torch.zeros(1))
    opt = make([p])
    for _ in range(warm):
        old = p.item()
        p.grad = torch.tensor([gradient])
        opt.step()
    return abs(p.item() - old) / gradient, opt.param_groups[0]["lr"]


small, large = 0.01, 10.0                                # the gradient shrinks 1000-fold during training
results, absolute = {}, {}
for name, make in {"SGD": lambda p: torch.optim.SGD(p, lr=0.01), "Adam": lambda p: torch.optim.Adam(p, lr=0.01),
                   "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.01),
                   "Adagrad": lambda p: torch.optim.Adagrad(p, lr=0.01)}.items():
    (rate_large, group_large), (rate_small, group_small) = step_size(make, large), step_size(make, small)
    assert group_large == group_small == 0.01, f"param-group: {name} changed lr to {group_large}"
    results[name], absolute[name] = rate_large / rate_small, rate_large
assert abs(results["SGD"] - 1) < 1e-9, f"sgd: {results['SGD']} times"
assert abs(absolute["SGD"] / 0.01 - 1) < 1e-9, f"sgd-rate: the effective rate of SGD is its lr, {absolute['SGD']}"
adaptive = [results[name] for name in ("Adam", "RMSprop", "Adagrad")]
assert all(abs(r * 1000 - 1) < 0.01 for r in adaptive), f"adaptive: {adaptive}"
print("param-group: no optimizer touches lr itself")
print(f"sgd: effective rate with a 1000 times larger gradient: {results['SGD']:.0f} times")
print("adaptive: Adam, RMSprop, Adagrad: " + ", ".join(f"{r:.4f}" for r in adaptive) + " times, smaller not larger")
claimed, actual = large / small, results["Adam"]         # the rate grows with the gradient; what Adam does
print(f"claimed {claimed:.0f}, actual {actual:.3f}: effective rate, large gradients over small ones")
assert actual < 0.01 < 100 < claimed, f"not-lr-from-gradient: {actual:.3f}, the opposite direction"
