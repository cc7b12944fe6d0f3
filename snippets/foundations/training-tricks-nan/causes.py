"""Eleven ways to a NaN or an inf, each with its cure: what breaks, forward or backward, in fp32 and in bf16."""
import math

import torch
import torch.nn.functional as F

inf, nan, keep = math.inf, math.nan, torch.tensor([1, 0])
hidden, labels = torch.tensor([True, True]), torch.tensor([-100, -100, -100])


def softmax_naive(z):
    return z.exp() / z.exp().sum(-1, keepdim=True)


def chosen_first(f, x):                                  # the safe order: put a harmless number in, then compute
    return torch.where(x > 0, f(torch.where(x > 0, x, 1)), 0)


# name: (input, broken, cured); each is run forward and backward
# --8<-- [start:causes]
CASES = {
    "product over 65504": ([300.0], lambda x: x * x, lambda x: x.float() * x.float()),
    "exp without max": ([100.0, 0.0], softmax_naive, lambda z: z.softmax(-1)),
    "log of 0": ([0.0, 5e-6], lambda p: p.log(), lambda p: p.clamp_min(1e-4).log()),
    "0 times log 0": ([0.0, 1.0], lambda p: -(p * p.log()).sum(), lambda p: -(p * p.clamp_min(1e-6).log()).sum()),
    "row fully masked": ([1.0, 2.0], lambda z: z.masked_fill(hidden, -inf).softmax(-1),
                         lambda z: z.masked_fill(hidden, torch.finfo(z.dtype).min).softmax(-1)),
    "0 times inf mask": ([1.0, 2.0], lambda z: z + (1 - keep) * -inf, lambda z: z.masked_fill(keep == 0, -1e4)),
    "no label left": ([[1.0, 2.0]] * 3, lambda z: F.cross_entropy(z, labels),
                      lambda z: F.cross_entropy(z, labels, reduction="sum") / max((labels != -100).sum(), 1)),
    "std of one value": ([3.0], lambda x: x.std(), lambda x: (x.var(correction=0) + 1e-6).sqrt()),
    "sqrt at 0": ([0.0], lambda x: x.sqrt(), lambda x: (x + 1e-6).sqrt()),
    "norm at 0": ([0.0, 0.0], lambda x: x.square().sum().sqrt(), lambda x: torch.linalg.vector_norm(x)),
    "where, then log": ([0.0, 2.0], lambda x: torch.where(x > 0, x.log(), 0), lambda x: chosen_first(torch.log, x)),
}
# --8<-- [end:causes]


def verdict(f, x, dtype):
    x = torch.tensor(x, dtype=dtype, requires_grad=True)
    y = f(x)
    if not y.isfinite().all():
        return "forward"
    g, = torch.autograd.grad(y.sum(), x)
    return "fine" if g.isfinite().all() else "backward"


seen = {}
for name, (x, broken, cured) in CASES.items():
    seen[name] = {dtype: verdict(broken, x, dtype) for dtype in (torch.float32, torch.bfloat16, torch.float16)}
    for dtype in seen[name]:
        assert verdict(cured, x, dtype) == "fine", f"cured: {name} in {dtype}"
    print(f"{name:18} fp32 {seen[name][torch.float32]:9} bf16 {seen[name][torch.bfloat16]:9} fp16 {seen[name][torch.float16]}")
p = torch.tensor([0.0, 0.5, 0.5], requires_grad=True)    # xlogy and entr cure the value, not the gradient
for name, entropy in (("xlogy", -torch.xlogy(p, p).sum()), ("entr", torch.special.entr(p).sum())):
    g, = torch.autograd.grad(entropy, p)
    assert abs(entropy - math.log(2)) < 1e-6 and not g[0].isfinite(), f"xlogy: {name} is {entropy:.2f}, its gradient at 0 is {g[0]}"
print("xlogy: xlogy(p, p) and entr(p) have the right value at p = 0, but the gradient there is nan and inf")
count = {dtype: sum(v[dtype] != "fine" for v in seen.values()) for dtype in (torch.float32, torch.bfloat16, torch.float16)}
backward = [n for n, v in seen.items() if v[torch.float32] == "backward"]
assert backward == ["sqrt at 0", "norm at 0", "where, then log"], f"backward-only: {backward}"
print(f"backward-only: {len(backward)} of {len(CASES)} have a finite loss and break in the gradient")
assert list(count.values()) == [10, 10, 11], f"count: {list(count.values())} of {len(CASES)} break"
print(f"count: {count[torch.float32]} of {len(CASES)} break in fp32, {count[torch.bfloat16]} in bf16, {count[torch.float16]} in fp16")
labels[:2], hidden[0] = 1, False                          # two labels, one visible element: nothing is amiss any more
RIGHT = {                                                # name: (input, what it is by hand, what the broken one gives instead)
    "product over 65504": ([3.0], [9.0]), "exp without max": ([[math.log(3), 0.0], [0.0, 0.0]], [[0.75, 0.25], [0.5, 0.5]]),
    "log of 0": ([0.5, math.e], [-math.log(2), 1.0]), "0 times log 0": ([0.5, 0.5], math.log(2)),
    "row fully masked": ([[1.0, 2.0]] * 2, [[1.0, 0.0]] * 2), "0 times inf mask": ([1.0, 2.0], [1.0, -1e4], [nan, -inf]),
    "no label left": ([[1.0, 2.0]] * 3, math.log(1 + math.exp(-1))), "std of one value": ([0.0, 2.0], 1.0, math.sqrt(2)),
    "sqrt at 0": ([4.0], [2.0]), "norm at 0": ([3.0, 4.0], 5.0), "where, then log": ([-1.0, 0.5, math.e], [0.0, -math.log(2), 1.0]),
}
for name, (_, *both) in CASES.items():
    for f, y in zip(both, (RIGHT[name][-1], RIGHT[name][1])):
        same = torch.allclose(f(torch.tensor(RIGHT[name][0])), torch.tensor(y), atol=1e-5, equal_nan=True)
        assert same, f"right: {name} on an input where nothing is amiss"
q = torch.ones(1, 1, 1, 4)
blocked = F.scaled_dot_product_attention(q, q, q, attn_mask=torch.zeros(1, 1, dtype=torch.bool))
assert (blocked == 0).all(), f"sdpa: a fully masked row gives {blocked.unique().tolist()}, not NaN"
print("sdpa: scaled_dot_product_attention in this version returns 0 for a fully masked row, a hand-written softmax NaN")
