"""Refutes: gradient clipping keeps NaN out. One bad number becomes all numbers, and Adam keeps them."""
import torch

torch.manual_seed(0)


class Adam:                                              # beta 0.9 and 0.999, eps 1e-8
    def __init__(self, params, lr=1e-3):
        self.params, self.lr, self.t = params, lr, 0
        self.m, self.v = ([torch.zeros_like(p) for p in params] for _ in range(2))

    @torch.no_grad()
    def step(self):
        self.t += 1
        for p, m, v in zip(self.params, self.m, self.v):
            m.mul_(0.9).add_(0.1 * p.grad)
            v.mul_(0.999).add_(0.001 * p.grad**2)
            p -= self.lr * (m / (1 - 0.9**self.t)) / ((v / (1 - 0.999**self.t)).sqrt() + 1e-8)


def step(value, repair=False):
    """One bad gradient element, clipped to 1.0, one Adam step, then a healthy step. Counts what isn't finite."""
    net = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Linear(8, 8))
    params = list(net.parameters())
    opt = Adam(params)
    net(torch.ones(2, 8)).square().sum().backward()
    params[0].grad[0, 0] = value
    norm = torch.nn.utils.clip_grad_norm_(params, 1.0)
    after = sum((~p.grad.isfinite()).sum().item() for p in params)
    if not repair or norm.isfinite():
        opt.step()
    for p in params:
        p.grad = torch.full_like(p, 0.1)                 # the next batch is healthy
    opt.step()
    return after, sum((~p.isfinite()).sum().item() for p in params), sum(p.numel() for p in params)


claimed, _, total = step(1e15)                           # what clipping is for: one huge but finite number
actual, weights, _ = step(float("nan"))
inf_grads, inf_weights, _ = step(float("inf"))
print(f"claimed {claimed}, actual {actual} of {total} gradients not finite after clipping")
assert claimed == 0 and actual == total == 144, f"not-clip: {actual} of {total} gradients are NaN, there was 1"
print(f"not-clip: {actual} of {total} gradients are NaN, there was 1")
assert weights == total, f"poisoned: {weights} of {total} weights are NaN, and a healthy step doesn't help"
print(f"poisoned: {weights} of {total} weights are NaN after the next healthy step")
assert (inf_grads, inf_weights) == (1, 1), f"inf: {inf_grads} gradient, {inf_weights} weight"
print(f"inf: with inf the factor is 0, so {inf_grads} gradient is NaN and all others are 0")
assert step(float("nan"), repair=True)[1] == 0, "guard: skipping the step when the norm isn't finite saves every weight"
print("guard: skipping the step when the returned norm isn't finite leaves 0 bad weights")
