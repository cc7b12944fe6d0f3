"""Group size at 4 bits: smaller groups have narrower ranges, and an asymmetric map gains more than at 8 bits."""
from math import log10

import torch

torch.manual_seed(0)
w = torch.randn(512, 4096, dtype=torch.float64)        # output channels, input channels


# --8<-- [start:sqnr]
def sqnr(w, group, symmetric, bits=4):
    """Each group along the input channels has a step of its own; signal to quantization noise in dB."""
    w = w.reshape(-1, group)                           # groups, group
    low, high = w.amin(1, keepdim=True), w.amax(1, keepdim=True)
    if symmetric:
        top = 2 ** (bits - 1) - 1
        s, z, bottom = torch.maximum(high, -low) / top, 0, -top
    else:
        top, bottom = 2 ** bits - 1, 0
        s = (high - low) / top
        z = torch.round(-low / s)
    error = s * (torch.clamp(torch.round(w / s) + z, bottom, top) - z) - w
    return 10 * torch.log10((w ** 2).mean() / (error ** 2).mean()).item()
# --8<-- [end:sqnr]


def law(group, symmetric):                             # s^2 / 12, a signal of 1; the steps from sorted groups
    ordered = w.reshape(-1, group).sort().values
    s = torch.maximum(-ordered[:, 0], ordered[:, -1]) / 7 if symmetric else (ordered[:, -1] - ordered[:, 0]) / 15
    return 10 * log10(12 / (s ** 2).mean())


table = {g: (sqnr(w, g, True), sqnr(w, g, False)) for g in (4096, 128, 32)}
off = max(abs(dB - law(g, symmetric)) for g, row in table.items() for dB, symmetric in zip(row, (True, False)))
assert off < 0.3, f"law: {off:.2f} dB at most from 12 / s^2"
finer = [table[a][0] - table[b][0] for a, b in ((128, 4096), (32, 128))]
assert all(1.5 < dB < 3 for dB in finer), f"by-group: finer groups gain {finer} dB"
for g, (sym, asym) in table.items():         # a 16-bit scale, and a 4-bit zero point
    print(f"by-group: {g} weights a group: symmetric {4 + 16 / g:.3f} bits, {sym:.1f} dB; "
          f"asymmetric {4 + 20 / g:.3f} bits, {asym:.1f} dB")
gains = {g: row[1] - row[0] for g, row in table.items()}
assert 1 < gains[128] < 1.6, f"asymmetric: {gains[128]:.1f} dB with groups of 128"
eight = sqnr(w, 4096, False, 8) - sqnr(w, 4096, True, 8)
code4, code8 = 20 * log10(15 / 14), 20 * log10(255 / 254)                 # one code more
assert abs((gains[4096] - eight) - (code4 - code8)) < 0.02, f"one-code: {code4:.1f} dB at 4 bits, {code8:.2f} at 8"
assert 0.2 < eight < 0.6, f"eight: {eight:.1f} dB"
print(f"asymmetric: gains {gains[128]:.1f} dB with 4 bits and groups of 128")
print(f"one-code: {code4:.1f} dB at 4 bits, {code8:.2f} dB at 8; the rest is range, as extremes seldom match")
print(f"eight: {eight:.1f} dB with 8 bits and a step per output channel")
