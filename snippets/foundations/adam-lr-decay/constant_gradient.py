# bagu: seconds=60
"""Adam fed with a gradient that never changes: how long is a step, and does it shrink?"""
import matplotlib.pyplot as plt
import torch

lr, T, b1, b2 = 1e-3, 1000, 0.9, 0.999


# --8<-- [start:steps]
def steps(make, gradient, schedule=None):
    """Lengths of T steps of one scalar parameter under a given gradient, in units of lr."""
    x = torch.zeros((), dtype=torch.float64, requires_grad=True)
    opt = make([x])
    sched = torch.optim.lr_scheduler.LambdaLR(opt, schedule) if schedule else None
    out = []
    for t in range(T):
        before, x.grad = x.item(), torch.tensor(gradient(t), dtype=torch.float64)
        opt.step()
        if sched:
            sched.step()
        out.append((before - x.item()) / lr)
    return torch.tensor(out, dtype=torch.float64)


adam = lambda p: torch.optim.Adam(p, lr=lr, eps=0)
runs = {g: steps(adam, lambda t: g) for g in (1e-4, 1.0, 1e4)}          # constant gradients, 8 decades apart
# --8<-- [end:steps]
worst = max((r - 1).abs().max().item() for r in runs.values())
assert worst < 1e-9, f"constant: 1000 steps differ from 1.0 lr by at most {worst:.0e}"
print("constant: Adam's steps 1 to 1000 are all 1.0 lr, for gradients 0.0001, 1 and 10000 alike")
adagrad = steps(lambda p: torch.optim.Adagrad(p, lr=lr, eps=0), lambda t: 1.0)
t = torch.arange(1, T + 1, dtype=torch.float64)
assert (adagrad * t.sqrt() - 1).abs().max() < 1e-9, "adagrad: step t must be lr / sqrt(t)"
print(f"adagrad: steps 1, 100 and 1000 are {adagrad[0]:.1f}, {adagrad[99]:.1f} and {adagrad[999]:.3f} lr: 1 / sqrt(t)")
cosine = steps(adam, lambda t: 1.0, lambda s: 0.1 + 0.9 * (1 + torch.tensor(s / T * torch.pi).cos().item()) / 2)
assert abs(cosine[0] - 1) < 1e-3 and abs(cosine[-1] - 0.1) < 1e-3, \
    f"scheduled: from {cosine[0]:.2f} to {cosine[-1]:.2f} lr"
print(f"scheduled: Adam with a cosine schedule goes from {cosine[0]:.2f} to {cosine[-1]:.2f} lr")

m = v = 0.0
raw = []                                                     # the same recurrences without bias correction
for _ in range(T):
    m, v = b1 * m + (1 - b1), b2 * v + (1 - b2)
    raw.append(m / v**0.5)
raw = torch.tensor(raw, dtype=torch.float64)
factor = (1 - b2**t).sqrt() / (1 - b1**t)                    # what bias correction multiplies onto the step
assert (raw * factor - runs[1.0]).abs().max() < 1e-9, "correction: the factor must turn the raw step into torch's"
peak = raw.argmax().item() + 1
assert factor[0] < 1 / 3 < 1.2 < raw[-1], f"uncorrected: {raw[0]:.2f}, at most {raw.max():.2f}, then {raw[-1]:.2f} lr"
print(f"uncorrected: step 1 would be {raw[0]:.2f} lr, step {peak} {raw.max():.2f} lr, step 1000 still {raw[-1]:.2f} lr")

fig, ax = plt.subplots(figsize=(7.2, 3.3))
ax.plot(t, raw, ":", color="#888", label="Adam without bias correction")
ax.plot(t, runs[1.0], color="#d9622b", label="Adam (torch)")
ax.plot(t, cosine, "-.", color="#3a9d5d", label="Adam + cosine schedule to 10 %")
ax.plot(t, adagrad, "--", color="#2a8fbd", label="Adagrad (torch)")
ax.set(xscale="log", xlabel="step t, gradient constant", ylabel="length of the step / lr")
ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("steps.svg", transparent=True)
