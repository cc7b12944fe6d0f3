"""How uncertain is 1 / sqrt(v^) after t gradients? RAdam's rectifier against torch.optim.RAdam and against sampling."""
import torch

torch.set_default_dtype(torch.float64), torch.set_num_threads(1)
b1, b2 = 0.9, 0.999


# --8<-- [start:rectify]
rho_inf = 2 / (1 - b2) - 1


def rho(t):                                      # length of the simple average that b2's moving average equals
    return rho_inf - 2 * t * b2**t / (1 - b2**t)


def rectifier(t):                                # sqrt(variance of 1/sqrt(v^) at the end / variance at t)
    r = rho(t)
    return ((r - 4) * (r - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * r)) ** 0.5
# --8<-- [end:rectify]


p = torch.nn.Parameter(torch.zeros(1))
opt, steps = torch.optim.RAdam([p], lr=1.0, betas=(b1, b2), eps=1e-15), []
for t in range(1, 2001):
    old = p.item()
    p.grad = torch.tensor([0.5])                 # constant gradient: m^ = 0.5, m^ / sqrt(v^) = 1
    opt.step()
    steps.append(old - p.item())
plain = sum(abs(s - 0.5) < 1e-9 for s in steps)  # step m^ itself: SGD with momentum
assert abs(steps[5] - rectifier(6)) < 1e-9 and all(abs(s - rectifier(t)) < 1e-9
                                                   for t, s in enumerate(steps[plain:], plain + 1)), \
    f"torch: {steps[:8]}"
by_paper = next(t for t in range(1, 20) if rho(t) > 4) - 1
assert (by_paper, plain) == (4, 5), f"plain: {by_paper} steps without v in the paper, {plain} in PyTorch"
print(f"plain: the first {by_paper} steps don't use v (rho <= 4); PyTorch waits for rho > 5: {plain} steps")
print("torch: rectifier at step 6, 10, 100, 1000, 2000: "
      + ", ".join(f"{rectifier(t):.3f}" for t in (6, 10, 100, 1000, 2000)))
# Ma and Yarats: linear warm-up over 2 / (1 - b2) steps. The area lost to the ramp against the area lost to the rectifier
lost = [sum(1 - min(1, t / 2000) for t in range(1, 20_001)), sum(1 - rectifier(t) for t in range(6, 20_001)) + 5]
assert abs(lost[1] / lost[0] - 1) < 0.05 and round(lost[1]) == 1033, f"rule: {lost[0]:.0f} and {lost[1]:.0f} full steps lost"
print(f"rule: 2 / (1 - 0.999) = {2 / (1 - b2):.0f} steps of linear warm-up give up {lost[0]:.0f} full steps, the rectifier "
      f"{lost[1]:.0f}; for beta2 = 0.95 the rule gives {2 / (1 - 0.95):.0f} steps")

torch.manual_seed(0)
n, T = 100_000, 100
v, m, heavy, spread, size = torch.zeros(n), torch.zeros(n), {}, {}, {}
for t in range(1, T + 1):
    g = torch.randn(n)                           # gradients without signal, as in the paper's analysis
    m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
    scale = ((1 - b2**t) / v) ** 0.5             # 1 / sqrt(v^)
    if t in (1, 20, 100):
        heavy[t], spread[t] = scale.max().item(), scale.var().item()
        size[t] = (m / (1 - b1**t) * scale).square().mean().sqrt().item()
for t in (20, 100):                              # RAdam's approximation of the variance, a few per cent at t = 100
    approx = rho(t) / (2 * (rho(t) - 2) * (rho(t) - 4))
    assert abs(spread[t] / approx - 1) < (0.15 if t == 20 else 0.05), f"variance: {spread[t]:.4f}, formula {approx:.4f}"
print(f"variance: of 1/sqrt(v^): {spread[20]:.3f} at step 20, {spread[100]:.3f} at step 100")
assert heavy[1] > 5e3 and heavy[100] < 2, f"heavy: largest scale {heavy[1]:.0f} at step 1, {heavy[100]:.2f} at step 100"
print("heavy: among 100000 coordinates the largest 1/sqrt(v^) exceeds 5000 at step 1, and is below 2 at step 100")
assert abs(size[1] - 1) < 1e-9 and abs(size[100] / ((1 - b1) / (1 + b1)) ** 0.5 - 1) < 0.03, f"update: {size[1]:.3f}, {size[100]:.3f}"
print(f"update: RMS of m^/sqrt(v^) is {size[1]:.2f} at step 1 and {size[100]:.2f} at step 100: bounded all along")
