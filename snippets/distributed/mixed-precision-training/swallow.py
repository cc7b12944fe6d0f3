"""When w + u is w: every number of fp16 and bf16, and a dot product as long as a row of LLaMA-2-7B."""
import numpy as np
import torch


# --8<-- [start:swallow]
def lost(dtype, ratio):
    """Of all normal numbers w, the share for which w + w / ratio rounds back to w, and w - w / ratio."""
    w = torch.arange(2**15, dtype=torch.int32).to(torch.int16).view(dtype)
    info = torch.finfo(dtype)
    w = w[(w >= 2 * info.tiny) & (w <= info.max / 4)].float()              # fp32 holds w + w / 2^k exactly
    return tuple(((w + sign * w / ratio).to(dtype) == w).float().mean().item() for sign in (1, -1))
# --8<-- [end:swallow]


for dtype, p in ((torch.float16, 11), (torch.bfloat16, 8)):                # p bits, the hidden one included
    name = str(dtype).removeprefix("torch.")
    shares = {k: lost(dtype, 2.0**k) for k in range(p - 3, p + 4)}
    law = {k: (0, 0) if k < p else (1 / 2 ** (p - 1), 0) if k == p else (1, 1) for k in range(p - 3, p + 4)}
    assert shares == law, f"ratio: {name}: {shares}"
    print(f"ratio: {name}: at w / u = 2^{p} = {2**p} only powers of two lose the update, at 2^{p + 1} = {2 ** (p + 1)} every number does")
share = lost(torch.float16, 3000)[0]
small = sum((1024 + j) / 1024 <= 3000 / 2048 for j in range(1024)) / 1024  # mantissas for which w / 3000 is half a spacing
assert abs(share - small) < 1e-6, f"between: {share:.0%} lost at 3000"
print(f"between: at 3000 {share:.0%} of the fp16 numbers lose it: those whose mantissa is at most 3000 / 2048")

n, draws = 4096, 400                                       # LLaMA-2-7B's hidden size
rng = np.random.default_rng(0)


def dot(a, b, kind):
    """Sum the products one by one in an accumulator of this kind."""
    total = np.zeros(a.shape[1], kind)
    for x, y in zip(a, b):
        total = (total + x.astype(np.float32) * y).astype(kind)            # products of fp16 are exact in fp32
    return total.astype(np.float64)


ones = np.ones((n, 1), np.float16)
stuck, full = dot(ones, ones, np.float16).item(), dot(ones, ones, np.float32).item()
library = (torch.ones(1, n).half() @ torch.ones(n, 1).half()).item()
assert stuck == 2**11 < full == library == n, f"ones: {stuck:.0f} and {full:.0f}"
print(f"ones: {n} products of 1 add up to {stuck:.0f} in fp16, to {full:.0f} in fp32 and in torch.matmul of fp16")
a, b = rng.standard_normal((2, n, draws)).astype(np.float16)
truth = (a.astype(np.float64) * b).sum(0)
errors = [np.sqrt(((value - truth) ** 2).mean()) for value in
          (dot(a, b, np.float16), dot(a, b, np.float32).astype(np.float16).astype(np.float64))]
assert errors[0] > 10 * errors[1], f"random: {errors[0] / errors[1]:.0f} times the error"
print("random: summed in fp16, random products have over 10 times the error of fp32 sums rounded once at the end")
