# bagu: seconds=60
"""Refutes: in deep networks all that looks like a local minimum is a saddle. A ReLU network with a bad one."""
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
X = torch.randn(64, 3)
y = X.abs().sum(1, keepdim=True)                 # (64, 1) a target that ReLUs fit exactly
width, radius = 16, 0.5


def forward(W, b, a, c):
    return torch.relu(X @ W.T + b) @ a + c       # (64, 1)


def loss(*params):
    return (forward(*params) - y).square().mean()


reach = radius * (X.square().sum(1) + 1).sqrt()              # the most that a step of this length moves a unit's input
good = (torch.cat([torch.eye(3), -torch.eye(3)]), torch.zeros(6), torch.ones(6, 1), torch.zeros(1))
W = torch.randn(width, 3) * 0.1
b = -torch.ones(width) * (X.norm(dim=1).max() * (0.1 * 3 + radius) + radius + 1)     # every unit off
dead = [W, b, torch.randn(width, 1), y.mean(0)]
assert loss(*good) < 1e-24, f"reachable: {loss(*good):.1e} is possible"
top = (X @ W.T + b + reach[:, None]).max().item()
z = torch.cat([X, torch.ones(64, 1)], 1)
push = radius * z / z.norm(dim=1, keepdim=True)              # (64, 4) for each sample the step of this length that does most
pushed = ((W + push[:, None, :3]) * X[:, None]).sum(-1) + b + push[:, 3:]    # (64, 16) the units' inputs after it
assert abs(pushed.max().item() - top) < 1e-9, f"reach: {pushed.max().item():.4f} after that step, the bound says {top:.4f}"
assert top < 0, f"never-fires: within the ball a unit's input is at most {top:.2f}"
params = [p.clone().requires_grad_() for p in dead]
grads = torch.autograd.grad(loss(*params), params)
norm = max(g.abs().max().item() for g in grads)
assert norm < 1e-12, f"zero-gradient: {norm:.1e}"
P = sum(p.numel() for p in dead)
here = loss(*dead).item()
assert abs(here - y.var(unbiased=False).item()) < 1e-12, f"variance: {here:.3f}, the loss of predicting the mean"
around = []
for _ in range(2000):                            # points in the ball around it
    step = torch.randn(P)
    step *= radius / step.norm()
    parts = step.split([p.numel() for p in dead])
    around.append(loss(*(p + s.view_as(p) for p, s in zip(dead, parts))).item())
H = torch.autograd.functional.hessian(lambda c: loss(W, b, dead[2], c), dead[3]).item()
print(f"zero-gradient: largest partial derivative {norm:.0e}; bias curvature {H:.0f}, all other curvatures 0")
print(f"ball: {len(around)} points at distance {radius}: lowest loss {min(around):.3f}, here {here:.3f}, "
      f"reachable {loss(*good):.3f}")
assert min(around) >= here and abs(step.norm() - radius) < 1e-12, f"ball: {min(around):.3f} nearby, {here:.3f} here"
for _ in range(1000):                            # gradient noise doesn't help: no unit ever fires
    params = [p.detach().requires_grad_() for p in params]
    params = [p - 0.1 * g for p, g in zip(params, torch.autograd.grad(loss(*params), params))]
claimed, actual = loss(*good).item(), loss(*params).item()           # no bad minima: descent gets to zero
print(f"claimed {claimed:.3f}, actual {actual:.3f} loss after 1000 steps of gradient descent")
assert actual > claimed + 0.5, f"not-always-saddle: stuck at {actual:.3f}, {claimed:.3f} was reachable"
