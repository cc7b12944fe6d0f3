"""Seven schedules: the textbook formula of each against the library's own implementation, step by step."""
import math

import matplotlib.pyplot as plt
import torch
from torch.optim import SGD
from torch.optim import lr_scheduler as S
from transformers import optimization as O

T, W, peak = 1000, 50, 0.1                       # steps, warm-up steps, peak learning rate


def run(make, steps=T):
    """The rates that an optimizer really used: one scheduler.step() after each optimizer.step()."""
    opt = SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
    schedule, used = make(opt), []
    for _ in range(steps):
        used.append(opt.param_groups[0]["lr"])
        opt.step()
        schedule.step()
    return used


# --8<-- [start:shapes]
def warm(t):                                     # linear warm-up, then the peak
    return min(1, t / W)


def progress(t):                                 # 0 at the end of warm-up, 1 at the end of training
    return max(0, (t - W) / (T - W))


textbook = {                                     # factor on the peak at step t = 0, 1, ..., T-1
    "step": lambda t: 0.3 ** (t // 250),
    "multistep": lambda t: math.sqrt(0.1) ** ((t >= 0.8 * T) + (t >= 0.9 * T)),
    "exponential": lambda t: 0.997**t,
    "linear": lambda t: warm(t) * (1 - progress(t)),
    "cosine": lambda t: warm(t) * (0.1 + 0.9 * (1 + math.cos(math.pi * progress(t))) / 2),
    "inverse sqrt": lambda t: min(t / W, (t / W) ** -0.5) if t else 0,
    "WSD": lambda t: warm(t) * min(1, (T - t) / (0.2 * T)),          # decay: the last 20 %, linear
}
# --8<-- [end:shapes]
library = {
    "step": lambda o: S.StepLR(o, step_size=250, gamma=0.3),
    "multistep": lambda o: S.MultiStepLR(o, milestones=[800, 900], gamma=0.1**0.5),
    "exponential": lambda o: S.ExponentialLR(o, gamma=0.997),
    "linear": lambda o: O.get_linear_schedule_with_warmup(o, W, T),
    "cosine": lambda o: O.get_cosine_with_min_lr_schedule_with_warmup(o, W, T, min_lr_rate=0.1),
    "inverse sqrt": lambda o: O.get_inverse_sqrt_schedule(o, W),
    "WSD": lambda o: O.get_wsd_schedule(o, W, num_decay_steps=200, num_training_steps=T, decay_type="linear"),
}
curves = {name: run(make) for name, make in library.items()}
worst = max(abs(peak * textbook[n](t) - lr) for n, c in curves.items() for t, lr in enumerate(c))
assert worst < 1e-12, f"same: the formulas and the libraries differ by {worst:.1e}"
print(f"same: {len(curves)} schedules, {T} steps each, formula and library agree")

d, w = 512, 4000                                 # Vaswani et al. (2017), eq. 3
noam = lambda t: d**-0.5 * min(t**-0.5, t * w**-1.5)
hf = O._get_inverse_sqrt_schedule_lr_lambda
ratio = {noam(t) / hf(t, num_warmup_steps=w, timescale=w) for t in (1, 10, 3999, 4000, 4001, 10**5)}
top = max(noam(t) for t in range(1, 10**4))
assert max(ratio) - min(ratio) < 1e-12 and top == noam(w) and abs(top * (d * w) ** 0.5 - 1) < 1e-12, f"noam: peak {top:.2e}, ratio spread {ratio}"
print(f"noam: base Transformer, peak {top:.2e} at step {w}; after that 1 / sqrt(t)")

area = {n: sum(c) / T / peak for n, c in curves.items()}     # mean rate: how far a straight path would lead
exact = {"WSD": 1 - W / T / 2 - 0.1, "cosine": (W / 2 + 0.55 * (T - W)) / T, "linear": 0.5}     # integrals of the curves
assert all(abs(area[n] - a) < 1e-3 for n, a in exact.items()), f"area: {area} against {exact}"
print(f"area: mean rate over the peak: WSD {area['WSD']:.2f}, cosine to 10 % {area['cosine']:.2f}, "
      f"linear to 0 {area['linear']:.2f}")

colors = ["#888888", "#9a6fc0", "#b58a2a", "#2a8fbd", "#d9622b", "#3d9a5f", "#c0507f"]
fig, (a, b) = plt.subplots(1, 2, figsize=(8.6, 3.3), sharey=True)
for (name, c), color in zip(curves.items(), colors):
    (a if name in ("step", "multistep", "exponential") else b).plot(c[::2], color=color, lw=1.8, label=name)
for ax, title in ((a, "Decay only"), (b, "With 50 steps of warm-up")):
    ax.set_xticks(range(0, 501, 125), [str(2 * i) for i in range(0, 501, 125)])
    ax.set(title=title, xlabel="optimizer step")
    ax.grid(alpha=0.3), ax.legend(frameon=False, fontsize=8, loc=(0.1, 0.03))
a.set_ylabel("learning rate")
fig.tight_layout()
fig.savefig("shapes.svg", transparent=True)
