"""Which gradients survive in 16 bits: fp16 alone, fp16 with a loss scale of 2^16, bf16."""
import matplotlib.pyplot as plt
import torch

S = 2.0**16                                                # GradScaler's initial scale


# --8<-- [start:store]
def stored(g, dtype, scale=1.0):
    """What is left of a true gradient g: scaled, kept in 16 bits, widened to fp32, unscaled."""
    return (g * scale).to(dtype).float() / scale
# --8<-- [end:store]


formats = {"fp16": (torch.float16, 1.0), "fp16, scale 2^16": (torch.float16, S), "bf16": (torch.bfloat16, 1.0)}
powers = 2.0 ** torch.arange(-140, 127.0)
lowest = {name: powers[stored(powers, *how) > 0].min().log2().int().item() for name, how in formats.items()}
bits = {"fp16": -14 - 10, "fp16, scale 2^16": -14 - 10 - 16, "bf16": -126 - 7}       # lowest normal, mantissa bits, scale
assert lowest == bits, f"lowest: {lowest}"
print("lowest: smallest power of two that survives:", ", ".join(f"{name}: 2^{e}" for name, e in lowest.items()))
tie = torch.tensor([2.0**-25, 2.0**-25 * 1.01, 2.0**-24])
assert stored(tie, torch.float16).tolist() == [0, 2.0**-24, 2.0**-24], "tie: up to 2^-25 it's 0; above, it rounds to 2^-24"

every = torch.arange(1, 0x7C00, dtype=torch.int16).view(torch.float16)               # every positive finite fp16
low = every.float()[every >= 2.0**-14] / S                 # the normal ones, shifted down by 16 binades
assert torch.equal(stored(low, torch.float16, S), low) and len(low) == 30 * 2**10, f"exact: {len(low)} numbers from 2^-30 on come back unchanged"
print(f"exact: scaling by 2^16 and back returns each of the {len(low)} fp16 mantissas and exponents unchanged, from 2^-30 on")
exponents = torch.arange(-44, 18)
grid = 2.0 ** exponents[:, None] * torch.linspace(1, 2, 2**13 + 1)[:-1]              # binades, 2^13 gradients in each
worst = {name: ((stored(grid, *how) - grid) / grid).abs().amax(1) for name, how in formats.items()}
normal = {"fp16": (-14, 15), "fp16, scale 2^16": (-30, -1), "bf16": (-44, 17)}       # exponents of normal numbers
for name, (a, b) in normal.items():
    inside, half_step = worst[name][(exponents >= a) & (exponents < b)], 2.0**-8 if name == "bf16" else 2.0**-11
    assert len(inside) >= 29 and 0.98 * half_step < inside.min() <= inside.max() < half_step, f"relative: {name}"
print("relative: the worst relative error of normal numbers is 2^-11 in fp16, scaled or not, and 2^-8 in bf16")

for name, e in worst.items():
    plt.semilogy(exponents, e.where(e.isfinite(), torch.nan), ".-", label=name)
plt.gca().set(xlabel="exponent of the true gradient (base 2)", ylabel="worst relative error once stored (1 = lost)")
plt.legend(loc="upper right")
plt.savefig("underflow.svg")
