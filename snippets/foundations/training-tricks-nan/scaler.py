"""torch.amp.GradScaler as it is: what it rescues, what it skips, and what it can never cure."""
import torch

GRAD = 1e-8                                              # a gradient that fp16 can't hold


def after(scale, grad=GRAD):                             # the chain through fp16: scaled, stored in half, unscaled
    return (torch.tensor(grad) * scale).half().float() / scale


assert after(1) == 0 and abs(after(65536.0) / GRAD - 1) < 1e-3, f"rescue: {after(1)} unscaled, {after(65536.0):.1e} with 2^16"
print(f"rescue: a gradient of 1e-08 becomes {after(1):.0f} in fp16; scaled by 65536 and unscaled it is {after(65536.0):.1e}")
big = 1.3
assert after(65536.0, big).isinf() and abs(after(1, big) - big) < 1e-3, f"too-high: a gradient of {big} overflows under the same scale alone"
print(f"too-high: a gradient of {big} times 65536 overflows, so the scale must move")


class SGD:                                               # all that GradScaler asks for: param_groups and step()
    def __init__(self, params, lr):
        self.param_groups, self.lr, self.steps = [{"params": params}], lr, 0

    @torch.no_grad()
    def step(self):
        self.steps += 1
        for p in self.param_groups[0]["params"]:
            p -= self.lr * p.grad


# --8<-- [start:scaler]
def train(losses):
    """Run the documented loop; losses[i] multiplies the loss of step i. Returns scales, weight, the optimizer's steps."""
    w = torch.nn.Parameter(torch.ones(()))
    opt, scaler, scales = SGD([w], lr=0.1), torch.amp.GradScaler("cpu"), []
    for factor in losses:
        w.grad = None
        scaler.scale(w * factor).backward()
        scaler.unscale_(opt)                             # before clipping, so that the threshold sees true gradients
        torch.nn.utils.clip_grad_norm_([w], 1.0)
        scaler.step(opt)                                 # skipped if any gradient is inf or NaN
        scaler.update()
        scales.append(scaler.get_scale())
    return scales, w.item(), opt.steps
# --8<-- [end:scaler]


inf = float("inf")
scales, w, steps = train([5.0, inf, 0.5])                # gradients 5, clipped to 1, and 0.5: steps of 0.1 and 0.05 from 1.0
assert scales == [65536, 32768, 32768] and steps == 2 and abs(w - 0.85) < 1e-5, f"skip: scales {scales}, {steps} steps, weight {w:.2f}"
print(f"skip: one overflow halves 65536 to {scales[1]:.0f}; {steps} of 3 steps are taken, the weight is {w:.2f} as if it hadn't been")
w = torch.nn.Parameter(torch.ones(()))
w.grad, opt, scaler, scales = torch.ones(()), SGD([w], lr=0.0), torch.amp.GradScaler("cpu"), []
scaler.scale(w)
for _ in range(2001):                                    # the defaults, nothing ever overflows
    scaler.unscale_(opt)
    scaler.update()
    scales.append(scaler.get_scale())
assert scales[1998] == 65536 and scales[1999:] == [131072] * 2, f"grow: {scales[1998]:.0f}, then {scales[1999]:.0f}"
print(f"grow: after 2000 good steps in a row the scale doubles to {scales[1999]:.0f}")
scales, w, steps = train([float("nan")] * 20)
below = next(i for i, s in enumerate(scales, 1) if s < 1)
assert (w, steps) == (1.0, 0) and below == 17, f"crash: below 1 after {below} steps, {steps} steps taken"
print(f"crash: a NaN of the model itself is skipped for ever: {steps} steps taken, the scale is below 1 after {below}")
