"""Refutes: loss scaling turns the gradient, or is a larger learning rate. And where a forgotten unscale_ is felt."""
import torch
from torch import nn

torch.manual_seed(0)
d, n, LR = 16, 16, 0.1
X, Y = torch.randn(n, d), torch.randn(n, d)
LOW, HIGH = 2.0**10, 2.0**16                                # two scales, neither under- nor overflows


def step(S, optimizer="SGD", clip=None, unscale=True, size=0.5):
    """One step under fp16 autocast. clip: None, "before" unscaling (a mistake) or "after". The change."""
    layer = nn.Linear(d, d, bias=False)
    layer.weight.data = torch.zeros(d, d)                  # from 0, so that small changes aren't rounded
    opt = getattr(torch.optim, optimizer)(layer.parameters(), LR)
    scaler = torch.amp.GradScaler("cpu", init_scale=S)
    with torch.autocast("cpu", torch.float16):
        loss = nn.functional.mse_loss(layer(X), Y) * size
    scaler.scale(loss).backward()
    if clip == "after":
        scaler.unscale_(opt)                               # as documented: unscale, clip, step
    if clip:
        nn.utils.clip_grad_norm_(layer.parameters(), 1.0)
    scaler.step(opt) if unscale else opt.step()            # step unscales, unless it has been done
    return layer.weight.detach()


base = step(LOW)
assert torch.equal(base, step(HIGH)), "same-step: the same bits at 2^10 and 2^16"
print("same-step: with scales of 2^10 and 2^16 the weights change by the same bits, so neither direction nor length depends on it")
right = step(LOW, "Adam")
assert torch.equal(right, step(HIGH, "Adam")), "adam: and with Adam"
ratio = lambda a, b: (a.norm() / b.norm()).item()          # how many times as long
claimed, actual = HIGH / LOW, ratio(step(HIGH), base)
print(f"claimed {claimed:.0f}, actual {actual:.0f}: times the step when the scale is 64 times as large")
assert claimed == 64 * actual == 64, f"not-learning-rate: {actual:.0f} times, not {claimed:.0f}"

forgot = ratio(step(HIGH, unscale=False), base)
assert abs(forgot / HIGH - 1) < 1e-3, f"forgot-sgd: {forgot:.0f} times the step"
print(f"forgot-sgd: never unscaled, a step of SGD is {forgot:.0f} times as long: the scale itself")
small = 3e-7                                               # gradients near Adam's eps of 1e-8
plain, never = (step(HIGH, "Adam", unscale=u) for u in (True, False))
assert abs(ratio(never, plain) - 1) < 1e-3 and not torch.equal(never, plain), "forgot-adam: Adam hardly notices while gradients are far above eps"
tiny = ratio(step(HIGH, "Adam", size=small, unscale=False), step(HIGH, "Adam", size=small))
assert tiny > 1.2, f"forgot-eps: {tiny:.1f} times the step"
print(f"forgot-adam: Adam hardly notices; forgot-eps: with gradients near eps its step is {tiny:.1f} times as long")

norm = base.norm().item() / LR                             # of the true gradient
assert norm < 1 and torch.equal(step(HIGH, clip="after"), base), f"clip-after: a norm of {norm:.2f} isn't clipped at 1"
early = ratio(step(HIGH, clip="before"), base)
assert abs(early * HIGH * norm - 1) < 1e-3, f"clip-before: {early:.1e} times the step"
print(f"clip-after: a norm of {norm:.2f} isn't clipped at 1; clip-before: clipped to 1, then divided by {HIGH:.0f}, it's {early:.1e} times")
