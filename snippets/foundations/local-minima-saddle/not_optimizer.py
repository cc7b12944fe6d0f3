"""Refutes: stuck in a local minimum, change the optimizer. All of torch.optim, started at one; then at a saddle."""
import inspect
import math
import torch

df = lambda x: x**3 - x - 0.1                    # gradient of x^4 / 4 - x^2 / 2 - 0.1 x, two minima
x0 = torch.tensor(-0.9, dtype=torch.float64)
for _ in range(60):
    x0 = x0 - df(x0) / (3 * x0**2 - 1)           # Newton: the shallow minimum, to the last bit that matters
assert df(x0).abs() < 1e-15 and 3 * x0**2 - 1 > 1.5, "minimum: gradient 0, curvature positive"

skip = {"Optimizer", "LBFGS", "SparseAdam", "Muon", "ASGD"}  # closure, sparse, matrices only, decays weights by default
classes = {n: c for n, c in vars(torch.optim).items() if inspect.isclass(c) and n not in skip}


def walk(make, slope):
    """How far an optimizer goes in 100 steps under a constant gradient."""
    x = torch.full((1,), x0.item(), dtype=torch.float64, requires_grad=True)
    extra = {"weight_decay": 0} if "weight_decay" in inspect.signature(make.__init__).parameters else {}
    opt = make([x], lr=0.1, **extra)
    for _ in range(100):
        x.grad = torch.full_like(x, slope)
        opt.step()
    return (x - x0).abs().item()


moved = {name: walk(make, 0.0) for name, make in classes.items()}        # the gradient there is 0
pushed = {name: walk(make, 1.0) for name, make in classes.items()}
assert min(pushed.values()) > 1e-3, f"awake: with a gradient that isn't zero each of them moves: {pushed}"
assert len(moved) >= 10 and max(moved.values()) == 0, f"all: {moved}"
print(f"all: {len(moved)} optimizers, {' '.join(sorted(moved))}: in 100 steps moved by {max(moved.values()):.0f}")


def leave(make, y):
    """Steps from the saddle (x^2 - y^2) / 2 until |y| > 1."""
    p = torch.tensor([y], dtype=torch.float64, requires_grad=True)
    opt = make([p])
    for t in range(1, 1000):
        p.grad = -p.detach()
        opt.step()
        if p.abs() > 1:
            return t


sgd, adam = (lambda p: torch.optim.SGD(p, lr=0.1)), (lambda p: torch.optim.Adam(p, lr=0.1))
near, far = [leave(m, 1e-6) for m in (sgd, adam)], [leave(m, 1e-3) for m in (sgd, adam)]
assert near[0] == math.ceil(math.log(1e6) / math.log(1.1)), f"geometric: SGD multiplies by 1.1 a step, {near[0]} steps to 1"
assert near[1] < near[0] / 5 and near[1] - far[1] <= 2, f"saddle-exit: {near} steps from 1e-6, {far} from 1e-3"
print(f"saddle-exit: starting 1e-6 from a saddle SGD takes {near[0]} steps, Adam {near[1]}, both with lr 0.1")
p = torch.tensor([1e-6], dtype=torch.float64, requires_grad=True)        # what is claimed does happen at a saddle
opt = adam([p])
for _ in range(100):
    p.grad = -p.detach()
    opt.step()
claimed, actual = p.abs().item(), max(moved.values())        # it walks away within 100 steps; what all of them do
print(f"claimed {claimed:.1f}, actual {actual:.1f}: distance moved in 100 steps")
assert claimed > 1 > actual, f"not-optimizer: {actual:.1f} at the minimum, {claimed:.1f} at a saddle"
