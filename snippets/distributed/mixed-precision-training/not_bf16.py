"""Refutes: bf16 has fp32's range, so it needs no fp32 master weights. One Adam step on weights as LLaMA starts them."""
from math import erf, sqrt

import torch

torch.manual_seed(0)
STD, LR, n = 0.02, 3e-5, 1_000_000                         # initializer_range; the end of LLaMA-2-7B's cosine, 0.1 of its peak


def moved(dtype, lr=LR):
    """Share of the weights that one step of torch.optim.Adam changes; its first step is lr for each of them."""
    w = torch.nn.Parameter((STD * torch.randn(n, generator=torch.Generator().manual_seed(0))).to(dtype))
    before, w.grad = w.detach().clone(), torch.ones(n, dtype=dtype)
    torch.optim.Adam([w], lr=lr).step()
    return (w.detach() != before).float().mean().item()


def expected(p, lr=LR):
    """The same from the normal law: w moves while half its spacing, 2^(e - p) for w in [2^e, 2^(e + 1)), is below lr."""
    e = max(e for e in range(-40, 1) if 2.0 ** (e - p) < lr)
    return erf(2.0 ** (e + 1) / STD / sqrt(2))


share = {name: moved(getattr(torch, name)) for name in ("float32", "float16", "bfloat16")}
for name, p in (("float16", 11), ("bfloat16", 8)):         # p bits of precision, the hidden one included
    assert abs(share[name] - expected(p)) < 0.005, f"law: {name} {share[name]:.1%}, by the normal law {expected(p):.1%}"
    print(f"law: {name}: {share[name]:.1%} of the weights move, by the normal law {expected(p):.1%}")
claimed, actual = share["float32"], share["bfloat16"]
print(f"claimed {claimed:.1%}, actual {actual:.1%}: weights in bf16 that a step of {LR} moves")
assert claimed > 0.999 and actual < 0.35, f"not-bf16: {actual:.1%} move, not {claimed:.1%}"
peak = moved(torch.bfloat16, 10 * LR)
assert peak > 0.999 and abs(peak - expected(8, 10 * LR)) < 0.001, f"peak: {peak:.1%} at ten times the step"
print(f"peak: with a step of {10 * LR:.0e}, {peak:.1%} of the bf16 weights move")
assert share["float16"] > 0.99 > 2 * actual, "finer: fp16 has 3 more bits of precision, so nearly all of them move"


# --8<-- [start:cures]
def stochastic(x):
    """fp32 to bf16, up with the probability of the part that is cut off: add 16 random bits, drop 16."""
    return ((x.view(torch.int32) + torch.randint(2**16, x.shape, dtype=torch.int32)) & -(2**16)).view(torch.float32).bfloat16()


start, steps, w = torch.tensor(STD).bfloat16(), 1000, 20_000
rounded, summed = start.repeat(w), start.clone()
nearest, rest = {lr: start for lr in (LR, 10 * LR)}, torch.zeros_like(start)
for _ in range(steps):
    nearest = {lr: at + torch.tensor(lr).bfloat16() for lr, at in nearest.items()}
    rounded = stochastic(rounded.float() + LR)
    y = rest + torch.tensor(LR).bfloat16()                 # Kahan: carry what the last addition lost, all in bf16
    total = summed + y
    rest, summed = y - (total - summed), total
# --8<-- [end:cures]
goal = start.item() + steps * LR
assert nearest[LR] == start < nearest[10 * LR], "nearest: 1000 steps of 3e-5 leave a bf16 weight of 0.02 alone, 3e-4 don't"
assert abs(rounded.float().mean().item() - goal) < 1e-4, f"stochastic: {rounded.float().mean():.4f} on average"
assert abs(summed.item() - goal) < 2.0**-13, f"kahan: {summed.item():.4f}"
print(f"nearest: after {steps} steps of {LR} from {STD} bf16 is at {nearest[LR].item():.4f}, where it began; exact is {goal:.4f}")
print(f"stochastic: on average at {rounded.float().mean():.4f}; kahan: at {summed.item():.4f}")
