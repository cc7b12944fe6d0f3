"""Adam's first steps: full size whatever the gradient, and largest when it is nothing but noise."""
from itertools import product

import matplotlib.pyplot as plt
import torch

torch.set_default_dtype(torch.float64)
lr, b1, b2 = 1e-3, 0.9, 0.999


def adam_steps(grads):
    """grads: (T, n). The n displacements of each of T steps of torch.optim.Adam, in units of lr."""
    p = torch.nn.Parameter(torch.zeros(grads.shape[1]))
    opt, out = torch.optim.Adam([p], lr=lr, betas=(b1, b2), eps=1e-15), []
    for g in grads:
        old = p.detach().clone()
        p.grad = g
        opt.step()
        out.append((p.detach() - old) / lr)
    return torch.stack(out)                              # (T, n)


# --8<-- [start:first]
g = torch.tensor([1e-6, 1e-3, 1.0, -1e3, -1e6])          # gradients over twelve orders of magnitude
first = adam_steps(g[None])[0]                           # m^ = g, v^ = g^2, so the step is -lr g / |g|
# --8<-- [end:first]
assert torch.allclose(first, -g.sign(), rtol=1e-6), f"first: {first.tolist()} times lr"
print(f"first: gradients from 1e-6 to 1e6 in size, first step {first.abs().min():.3f} to {first.abs().max():.3f} lr")

# Pure noise: +1 or -1 with equal chance. All 2^T sequences, so the variance below is exact, not sampled.
T = 12
signs = torch.tensor(list(product((-1.0, 1.0), repeat=T))).T         # (T, 4096)
rms = (adam_steps(signs) ** 2).mean(1).sqrt()


def theory(t):                                           # v^ = 1 exactly; variance of the weighted mean m^ of t signs
    return ((1 - b1) * (1 + b1**t) / ((1 + b1) * (1 - b1**t))) ** 0.5


formula = torch.tensor([theory(t) for t in range(1, T + 1)])
assert torch.allclose(rms, formula, rtol=1e-6), f"noise: {rms.tolist()} against {formula.tolist()}"
limit = theory(10**4)
assert abs(limit - (0.1 / 1.9) ** 0.5) < 1e-9, f"limit: {limit:.3f} lr in the long run"
print(f"noise: pure noise, RMS step {rms[0]:.2f} lr at step 1, {rms[4]:.2f} at 5, {rms[9]:.2f} at 10; "
      f"limit: {limit:.3f}, {1 / limit:.2f} times less")
signal = adam_steps(torch.full((T, 1), 7.0)).abs()
assert torch.allclose(signal, torch.ones_like(signal)), "signal: a constant gradient moves 1 lr at every step"
print("signal: a constant gradient moves 1.00 lr at every step: step 1 cannot tell noise from signal")

W, n = 10, 40                                            # linear warm-up over 10 steps, for the picture
ramp = [min(1, t / W) for t in range(1, n + 1)]
noise = [theory(t) for t in range(1, n + 1)]
warmed = [r * s for r, s in zip(ramp, noise)]
assert max(noise) == noise[0] == 1 and max(warmed) < 0.34, f"capped: {max(warmed):.2f} lr at most with the warm-up"
print(f"capped: with 10 steps of linear warm-up a pure-noise step never exceeds {max(warmed):.2f} lr")
fig, (a, b) = plt.subplots(1, 2, figsize=(8.6, 3.2), sharey=True)
for ax, k, s, title in ((a, [1] * n, noise, "No warm-up"), (b, ramp, warmed, "Linear warm-up, 10 steps")):
    ax.plot(range(1, n + 1), k, "--", color="#2a8fbd", label="constant gradient (signal)")
    ax.plot(range(1, n + 1), s, "-o", ms=3, color="#d9622b", label="random signs (noise)")
    ax.axhline(limit, color="#888888", lw=1, ls=":")
    ax.set(title=title, xlabel="step", ylim=(0, 1.1))
    ax.grid(alpha=0.3)
a.set_ylabel("RMS step / peak learning rate")
b.legend(frameon=False, fontsize=8, loc="center right")
fig.tight_layout()
fig.savefig("first_step.svg", transparent=True)
