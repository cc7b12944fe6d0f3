"""fp32, bf16, fp16: the range and the spacing follow from the bits; small updates vanish without an fp32 master copy."""
import torch

# --8<-- [start:formats]
BITS = {torch.float32: (8, 23), torch.bfloat16: (8, 7), torch.float16: (5, 10)}       # exponent bits, mantissa bits


def largest(e, m):                                       # all mantissa bits set; the top exponent is kept for inf and NaN
    return (2 - 2.0**-m) * 2.0 ** (2 ** (e - 1) - 1)


def smallest(e, m):                                      # the last subnormal
    return 2.0 ** (2 - 2 ** (e - 1) - m)
# --8<-- [end:formats]


for dtype, (e, m) in BITS.items():
    info, name = torch.finfo(dtype), str(dtype).removeprefix("torch.")
    tiny = torch.nextafter(torch.zeros((), dtype=dtype), torch.ones((), dtype=dtype)).item()
    assert (largest(e, m), 2.0**-m, smallest(e, m)) == (info.max, info.eps, tiny), f"bits: {name} from its bits, from torch"
    print(f"bits: {name:8} largest {info.max:.5g}, spacing at 1 is 2^-{m}, smallest above zero {tiny:.2g}")

x = torch.tensor([65504.0, 65519.0, 65520.0])
assert x.half().isinf().tolist() == [False, False, True] and x.bfloat16().isfinite().all(), "overflow: 65520 is inf in fp16"
print(f"overflow: 65504 is the largest fp16, from 65520 on it is inf; in bf16 the same number is {x.bfloat16()[2]:.0f}")

one = torch.ones((), dtype=torch.bfloat16)
assert one + 2**-8 == one < one + 2**-7, f"lost: 1 + 2^-8 = {(one + 2**-8).item()} in bf16, 1 + 2^-7 = {(one + 2**-7).item()}"
print("lost: in bf16 1 + 1/256 is 1; the next number is 1 + 1/128")

steps, w0 = 1000, 0.02                                   # a typical weight: GPT-2's and BERT's initial deviation
moved = {}
for lr in (3e-4, 3e-5):                                  # LLaMA-7B: peak and end of the cosine
    for dtype in (torch.bfloat16, torch.float32):        # where the weight lives; SGD with gradient -1, so a step is lr
        w = torch.tensor(w0, dtype=dtype)
        for _ in range(steps):
            w.add_(torch.ones_like(w), alpha=lr)         # rounded to the nearest number of this format
        moved[lr, dtype] = w.item() - torch.tensor(w0, dtype=dtype).item()
gap = (torch.nextafter(torch.tensor(w0).bfloat16(), one) - torch.tensor(w0).bfloat16()).item()
assert moved[3e-5, torch.bfloat16] == 0 < 3e-5 < gap / 2 < 3e-4, f"stuck: half the spacing at 0.02 is {gap / 2:.1e}"
assert abs(moved[3e-5, torch.float32] - 0.03) < 1e-4, f"master: fp32 moves by {moved[3e-5, torch.float32]:.3f}"
print(f"stuck: 1000 steps of 3e-05 move a bf16 weight of 0.02 by {moved[3e-5, torch.bfloat16]:.0f}; half a spacing is {gap / 2:.1e}")
print(f"master: the same 1000 steps move an fp32 copy by {moved[3e-5, torch.float32]:.3f}")
assert 0 < moved[3e-4, torch.bfloat16] < 0.9 * moved[3e-4, torch.float32], "peak: even steps of 3e-4 don't all arrive"
print(f"peak: at 3e-04 bf16 moves by {moved[3e-4, torch.bfloat16]:.3f}, fp32 by {moved[3e-4, torch.float32]:.3f}")
