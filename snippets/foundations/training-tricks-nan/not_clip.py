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
    """One bad gradient element, clipped to 1.0, one Adam step, then two healthy ones.
    Counts what isn't finite; last, how far each weight went in the healthy steps."""
    net = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Linear(8, 8))
    params = list(net.parameters())
    opt = Adam(params)
    net(torch.ones(2, 8)).square().sum().backward()
    params[0].grad[0, 0] = value
    norm = torch.nn.utils.clip_grad_norm_(params, 1.0)
    after = sum((~p.grad.isfinite()).sum().item() for p in params)
    if not repair or norm.isfinite():
        opt.step()
    start = torch.cat([p.detach().flatten() for p in params])
    for p in params:
        p.grad = torch.full_like(p, 0.1)                 # the next batches are healthy
    opt.step()
    opt.step()
    end = torch.cat([p.detach().flatten() for p in params])
    return after, (~end.isfinite()).sum().item(), len(end), start - end


claimed, _, total, _ = step(1e15)                           # what clipping is for: one huge but finite number
actual, weights, *_ = step(float("nan"))
inf_grads, inf_weights, *_ = step(float("inf"))
print(f"claimed {claimed}, actual {actual} of {total} gradients not finite after clipping")
assert claimed == 0 and actual == total == 144, f"not-clip: {actual} of {total} gradients are NaN, there was 1"
print(f"not-clip: {actual} of {total} gradients are NaN, there was 1")
assert weights == total, f"poisoned: {weights} of {total} weights are NaN, and healthy steps don't help"
print(f"poisoned: {weights} of {total} weights are NaN after two healthy steps")
assert (inf_grads, inf_weights) == (1, 1), f"inf: {inf_grads} gradient, {inf_weights} weight"
print(f"inf: with inf the factor is 0, so {inf_grads} gradient is NaN and all others are 0")
_, bad, _, went = step(float("nan"), repair=True)        # under a constant gradient Adam goes lr a step, whatever its size
saved = bad == 0 and torch.allclose(went, torch.tensor(2e-3), rtol=1e-3)
assert saved, f"guard: {bad} bad weights if the step is skipped; two healthy steps of 1e-3 move {went.mean():.1e}"
print("guard: skipping the step when the returned norm isn't finite leaves 0 bad weights")
