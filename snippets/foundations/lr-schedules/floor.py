"""Why the rate must fall: with gradient noise a constant rate stops at a floor proportional to the rate."""
import matplotlib.pyplot as plt
import numpy as np
import torch
from transformers import optimization as O

T, sigma = 2000, 1.0
lam = np.array([1.0, 0.002])                     # curvatures: a steep wall, a flat valley floor
x0 = np.array([3.0, 30.0])                       # far away along the flat direction


def lrs(make):
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    schedule, used = make(opt), []
    for _ in range(T):
        used.append(opt.param_groups[0]["lr"])
        opt.step(), schedule.step()
    return used


# --8<-- [start:loss]
def expected_loss(etas):
    """SGD on f = sum lam x^2 / 2 with noise N(0, sigma^2) in each gradient: exact mean and variance, no sampling."""
    mean, var, loss = x0.copy(), np.zeros(2), []
    for eta in etas:
        mean = (1 - eta * lam) * mean
        var = (1 - eta * lam) ** 2 * var + eta**2 * sigma**2
        loss.append((lam * (mean**2 + var)).sum() / 2)
    return np.array(loss), lam * mean**2 / 2, lam * var / 2      # total; bias and noise of each direction
# --8<-- [end:loss]


schedules = {
    "constant": [0.5] * T,
    "cosine to 0": lrs(lambda o: O.get_cosine_schedule_with_warmup(o, 0, T)),
    "WSD, last 20 %": lrs(lambda o: O.get_wsd_schedule(o, 0, T // 5, num_training_steps=T, decay_type="linear")),
}
curves = {name: expected_loss(etas) for name, etas in schedules.items()}

g = torch.Generator().manual_seed(0)             # the same thing sampled: 20 000 runs of torch SGD side by side
p = torch.nn.Parameter(torch.tensor(x0).expand(20_000, 2).clone())
opt, L, sampled = torch.optim.SGD([p], lr=0.5), torch.tensor(lam), []
for _ in range(100):
    p.grad = L * p.detach() + sigma * torch.randn(p.shape, generator=g, dtype=p.dtype)
    opt.step()
    sampled.append(((L * p.detach() ** 2).sum(1) / 2).mean().item())
exact = curves["constant"][0]
for t in (0, 99):
    assert abs(sampled[t] / exact[t] - 1) < 0.03, f"sampled: {sampled[t]:.3f} over 20 000 runs, {exact[t]:.3f} by the recursion"
print("sampled: 20 000 runs of torch.optim.SGD agree with the recursion within 3 %")

floors = [expected_loss([eta] * T)[2][0] for eta in (0.5, 0.25, 0.05)]        # steep direction, stationary
theory = [eta * sigma**2 / (2 * (2 - eta * lam[0])) for eta in (0.5, 0.25, 0.05)]
assert np.allclose(floors, theory, rtol=1e-9), f"floor: {floors} against eta sigma^2 / (2 (2 - eta lam)) = {theory}"
print("floor: steep direction, constant rate 0.5, 0.25, 0.05: loss " + ", ".join(f"{f:.3f}" for f in floors))

flat, steep = curves["WSD, last 20 %"], curves["constant"]
before, after = flat[0][int(0.8 * T) - 1], flat[0][-1]
noise = steep[2][0] / steep[0][-1]
assert np.array_equal(flat[0][: int(0.8 * T)], steep[0][: int(0.8 * T)]) and \
    after < 0.5 * before and np.isclose(after, (flat[1] + flat[2]).sum(), rtol=1e-3), \
    f"drop: {before:.3f} at the end of the plateau, {after:.3f} after the decay"
print(f"drop: WSD falls from {before:.3f} to {after:.3f} in its last 20 % (constant rate: {steep[0][-1]:.3f} at the end)")
bias = {name: c[1][1] for name, c in curves.items()}
mass = {"constant": 0.5, "WSD, last 20 %": 0.45, "cosine to 0": 0.25}          # mean rate: the bias is lam x0^2 / 2 exp(-2 lam sum eta)
assert all(abs(bias[n] / (0.9 * np.exp(-0.004 * T * r)) - 1) < 0.01 for n, r in mass.items()), f"progress: {bias}"
print("progress: distance left along the flat direction, as loss: "
      + ", ".join(f"{n} {b:.3f}" for n, b in bias.items()))

fig, (a, b) = plt.subplots(1, 2, figsize=(8.6, 3.3))
for (name, etas), color, style in zip(schedules.items(), ("#888888", "#d9622b", "#2a8fbd"), ("-", "--", "-")):
    a.plot(range(0, T, 10), etas[::10], style, color=color, label=name)
    b.semilogy(range(0, T, 10), curves[name][0][::10], style, color=color, label=name)
a.set(title="Learning rate", xlabel="step", ylim=(0, 0.55))
b.set(title="Expected loss (exact)", xlabel="step", ylim=(0.1, 2))
for ax in (a, b):
    ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("floor.svg", transparent=True)
