"""Refutes: loss scaling guards against overflow. The gradients that get through a real fp16 backward, with and without."""
import torch
from torch import nn

torch.manual_seed(0)
layer = nn.Linear(1, 1, bias=False)
x = torch.ones(1, 1)
opt = torch.optim.SGD(layer.parameters(), lr=0.0)


def gradient(g, scale):
    """The weight's gradient, unscaled, when the loss is g times the output of an fp16 layer; the truth is g."""
    layer.weight.grad = None
    with torch.autocast("cpu", torch.float16):
        out = layer(x)                                     # fp16, so is the gradient that comes back
    (out.float() * g * scale).sum().backward()
    return layer.weight.grad.item() / scale


def window(scale):
    """Smallest and largest power of two that get through."""
    through = [e for e in range(-60, 40) if gradient(2.0**e, scale) == 2.0**e]
    return through[0], through[-1]


plain, scaled = window(1.0), window(2.0**16)
assert plain == (-24, 15) and scaled == (-40, -1), f"window: {plain} and {scaled}"
print(f"window: powers of two that get through: 2^{plain[0]} to 2^{plain[1]}, with a scale of 2^16 2^{scaled[0]} to 2^{scaled[1]}")
claimed, actual = 2.0 ** plain[1], 2.0 ** scaled[1]        # a guard against overflow would not lower the top
print(f"claimed at least {claimed:.0f}, actual {actual}: largest power of two that doesn't overflow under the scale")
assert claimed > 1000 * actual and claimed == 2.0**16 * actual, f"not-overflow: the top falls to {actual}, it doesn't stay at {claimed:.0f}"


def once(scaler, g):
    """One step: whether it was skipped, that is, whether the scale fell."""
    layer.weight.grad = None
    with torch.autocast("cpu", torch.float16):
        out = layer(x)
    scaler.scale((out.float() * g).sum()).backward()
    before = scaler.get_scale()
    scaler.step(opt)
    scaler.update()
    return scaler.get_scale() < before


for g in (0.5, 5.0, 300.0):
    scaler, skipped = torch.amp.GradScaler("cpu"), 0
    while once(scaler, g):
        skipped += 1
    scale, largest = scaler.get_scale(), max(2.0**k for k in range(17) if 2.0**k * g < 65520)       # from 65520 on fp16 is inf
    assert scale == largest == 2.0 ** (16 - skipped), f"settles: gradient {g}: {scale:.0f}, after {skipped} skipped steps"
    print(f"settles: gradient {g}: scale {scale:.0f}, the largest power of two that fits, after {skipped} skipped steps")

g, scaler = 5.0, torch.amp.GradScaler("cpu", init_scale=1.0, growth_interval=10)           # 2000 by default
climb = [once(scaler, g) for _ in range(13 * 10)]        # 13 doublings, then it is at 2^13
fits, later, scales = scaler.get_scale(), [], set()
for _ in range(10 * 11):
    scales.add(scaler.get_scale())
    later.append(once(scaler, g))
assert not any(climb) and fits == 2.0**13 and scales == {fits, 2 * fits}, f"hunts: {fits:.0f}, {scales}"
assert sum(later) == 10 and later[10::11] == 10 * [True], f"probes: {sum(later)} of {len(later)} steps skipped"
print(f"hunts: with gradient {g} the scale climbs from 1 to {fits:.0f}, then probes {2 * fits:.0f} and falls back")
print(f"probes: {sum(later)} of {len(later)} steps skipped, one after each 10 that went well")
