# bagu: seconds=60
"""Every knob of torch's Adam: after 1000 steps, has any of them lowered the learning rate?"""
import inspect
import torch

optim = torch.optim
signature = inspect.signature(optim.Adam.__init__).parameters
arguments = [a for a in signature if a not in ("self", "params")]
classes = {n: c for n, c in vars(optim).items() if inspect.isclass(c)}
decaying = [n for n, c in classes.items() if "lr_decay" in inspect.signature(c.__init__).parameters]
assert decaying == ["Adagrad"], f"lr-decay-argument: {decaying}"
print(f"lr-decay-argument: among the optimizers of torch.optim only {decaying} has an argument lr_decay")
print(f"arguments: Adam takes {' '.join(arguments)}")


# --8<-- [start:run]
def run(make, T=1000, decay=1.0):
    """Constant gradient 1 on one scalar: lr in the group after T steps (times decay in each), lengths of steps 200 and T."""
    x = torch.ones((), dtype=torch.float64, requires_grad=True)
    opt, early = make([x]), None
    for t in range(T):
        before, x.grad = x.item(), torch.ones_like(x)
        opt.step()
        early = before - x.item() if t < 200 else early
        opt.param_groups[0]["lr"] *= decay                   # what a schedule would do; 1: nothing
    return opt.param_groups[0]["lr"], early, before - x.item()


knobs = [{}, {"betas": (0.5, 0.9)}, {"betas": (0.9, 0.95)}, {"betas": (0.99, 0.9999)}, {"eps": 0.1},
         {"amsgrad": True}, {"weight_decay": 0.1}, {"weight_decay": 0.1, "decoupled_weight_decay": True}]
table = [(k, *run(lambda p: optim.Adam(p, lr=1e-3, **k))) for k in knobs]
# --8<-- [end:run]
for k, lr, step, _ in table:
    print(f"row: {str(k):62} lr {lr:g}, step 200 is {step / 1e-3:.3f} lr")
falling, *_ = run(lambda p: optim.Adam(p, lr=1e-3), decay=0.999)
assert {lr for _, lr, *_ in table} == {1e-3}, "lr-untouched: no knob may change param_groups[0]['lr']"
assert abs(falling / 1e-3 / 0.999**1000 - 1) < 1e-9, f"lr-scheduled: only from outside is it lowered, to {falling:.1e}"
print("lr-untouched: after 1000 steps lr is 0.001 in all 8 runs")
later = [late / step for _, _, step, late in table[:-1]]
assert len(later) == 7 and max(abs(r - 1) for r in later) < 0.05, f"no-trend: ratios {min(later):.3f} to {max(later):.3f}"
print("no-trend: step 1000 is as long as step 200, within 5 %, for every knob but decoupled weight decay")
eps = dict((str(k), s) for k, _, s, _ in table)["{'eps': 0.1}"] / 1e-3
assert abs(eps - 1 / 1.1) < 1e-9, f"eps: step {eps:.3f} lr, g / (g + eps) = {1 / 1.1:.3f}"
print(f"eps: with eps 0.1 every step is {eps:.3f} lr, smaller from the first to the last")

lr, step, _ = run(lambda p: optim.Adagrad(p, lr=1e-3, lr_decay=0.01))
want = 1e-3 / (1 + 199 * 0.01) / 200**0.5                    # lr_decay's factor, times Adagrad's own 1 / sqrt(t)
assert abs(step / want - 1) < 1e-6 and lr == 1e-3, f"adagrad-lr-decay: step 200 is {step / 1e-3:.4f} lr"
print(f"adagrad-lr-decay: lr_decay=0.01 divides by {1 + 199 * 0.01:.2f} at step 200, on top of 1 / sqrt(t)")

x = torch.ones((), dtype=torch.float64, requires_grad=True)
opt, relative = optim.Adafactor([x], lr=0.05), []            # its own rule: min(lr, 1 / sqrt(t))
for _ in range(1600):
    before, x.grad = x.item(), torch.ones_like(x)
    opt.step()
    relative.append((before - x.item()) / max(abs(before), 1e-3))     # it scales its steps by |x|, at least 1e-3
early, late = relative[99], relative[-1]
assert abs(early - 0.05) < 1e-3 and abs(late - 1 / 40) < 1e-3, f"adafactor: {early:.3f}, {late:.3f}"
print(f"adafactor: lr=0.05 takes relative steps of {relative[99]:.3f} at step 100, of {relative[-1]:.3f} at step 1600")

x = torch.zeros((), dtype=torch.float64, requires_grad=True)
opt = optim.ASGD([x], lr=0.1, lambd=0.01)                    # alpha is 0.75 by default
for _ in range(1001):
    before, x.grad = x.item(), torch.ones_like(x)
    opt.step()
eta = (before - x.item()) / (1 + 0.01 * before)              # its step: eta * (gradient + lambd * x)
want = 0.1 / (1 + 0.01 * 0.1 * 1000) ** 0.75
assert abs(eta / want - 1) < 1e-3, f"asgd: {eta:.4f}, lr / (1 + lambd lr t)^alpha = {want:.4f}"
print(f"asgd: lr=0.1, lambd=0.01 has shrunk to {eta:.3f} after 1000 steps")
