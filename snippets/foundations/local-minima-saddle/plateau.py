# bagu: seconds=60
"""Four flat loss curves. The curve alone doesn't tell them apart; gradient, curvature and one experiment do."""
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
X = torch.randn(256, 4)
teacher = torch.tanh(X @ torch.randn(4, 1))
hess = torch.autograd.functional.hessian


def jac(loss, theta):
    theta = theta.detach().requires_grad_()
    return torch.autograd.grad(loss(theta), theta)[0]


def net(theta, act):                             # 8 hidden units: weights (8, 4), biases (8), outputs (8), bias
    return act(X @ theta[:32].view(8, 4).T + theta[32:40]) @ theta[40:48, None] + theta[48]


def descend(theta, loss, rate, n):
    for _ in range(n):
        theta = theta - rate * jac(loss, theta)
    return theta


# --8<-- [start:diagnose]
def diagnose(theta, y, act, lr):
    loss = lambda t: (net(t, act) - y).square().mean()
    change = lambda t: (loss(t) / loss(theta) - 1).item()
    flat = change(descend(theta, loss, lr, 20))              # what the curve shows
    norm = jac(loss, theta).norm().item()
    smallest = torch.linalg.eigvalsh(hess(loss, theta)).min().item()
    nudged = change(descend(theta + 0.01 * torch.randn(49), loss, 0.1, 300))         # noise and a sensible lr
    return flat, norm, smallest, nudged
# --8<-- [end:diagnose]


start, centre = torch.randn(49) * 0.5, torch.zeros(49)
centre[48] = teacher.mean()                      # all weights 0, bias at the mean: gradient 0
dead = start.clone()
dead[32:40], dead[48] = -50.0, teacher.mean()    # no ReLU fires on any example
labels = torch.randn(256, 1)                     # labels without any relation to X
settled = descend(start * 0.1, lambda t: (net(t, torch.tanh) - labels).square().mean(), 0.1, 100)
cases = {"lr too small": (start, teacher, torch.tanh, 1e-6), "saddle": (centre, teacher, torch.tanh, 0.1),
         "dead ReLUs": (dead, teacher, torch.relu, 0.1), "random labels": (settled, labels, torch.tanh, 0.1)}
table = {name: diagnose(*c) for name, c in cases.items()}
for name, (flat, norm, smallest, nudged) in table.items():
    print(f"row: {name:14} loss {flat:+.1%} in 20 steps, |g| {norm:.0e}, smallest eigenvalue {smallest:+.3f}, "
          f"nudged: {nudged:+.0%}")
assert max(abs(row[0]) for row in table.values()) < 0.01, f"flat: {[f'{r[0]:.1%}' for r in table.values()]}"
small, saddle, off, noise = table.values()
assert small[1] > 1 and small[3] < -0.9, f"lr: gradient {small[1]:.1f}, loss {small[3]:+.0%} at lr 0.1"
assert saddle[1] < 1e-12 and saddle[2] < -0.1 and saddle[3] < -0.5, f"saddle: {saddle[2]:+.2f}, nudged {saddle[3]:+.0%}"
assert off[1] < 1e-12 and off[2] > -1e-12 and abs(off[3]) < 0.01, f"dead: {off[2]:+.2f}, nudged {off[3]:+.0%}"
assert noise[1] < 0.1 and abs(noise[3]) < 0.1, f"labels: gradient {noise[1]:.2f}, nudged {noise[3]:+.0%}"
print(f"lr: {small[3]:+.0%}; saddle: {saddle[3]:+.0%}; dead: {off[3]:+.0%}; labels: {noise[3]:+.0%}")
