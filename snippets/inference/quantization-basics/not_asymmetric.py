"""Refutes: asymmetric quantization is always better. The affine map, symmetric and asymmetric, against PyTorch's."""
from math import log10

import torch
from torch.ao.quantization.observer import MinMaxObserver

torch.manual_seed(0)


# --8<-- [start:affine]
def parameters(x, bits, symmetric):
    """Scale s and zero point z from the extremes, with the integers' range."""
    if symmetric:                                      # signed, z = 0, the lowest code left out
        top = 2 ** (bits - 1) - 1
        return x.abs().max() / top, 0, -top, top
    low, high = min(x.min(), torch.tensor(0.0)), max(x.max(), torch.tensor(0.0))   # 0 must lie inside
    s = (high - low) / (2 ** bits - 1)
    return s, round((-low / s).item()), 0, 2 ** bits - 1


def quantize(x, s, z, low, high):
    return (torch.round(x / s) + z).clamp(low, high)   # integers


def dequantize(q, s, z):
    return s * (q - z)
# --8<-- [end:affine]


x = torch.tensor([-1.0, 0.0, 0.4, 3.0])                # on the whiteboard: 4 bits
s, z, low, high = parameters(x, 4, symmetric=False)
q = quantize(x, s, z, low, high)
back = dequantize(q, s, z)
assert q.tolist() == [0, 4, 6, 15] and z == 4 and back[1] == 0, f"whiteboard: s {s:.3f}, z {z}, codes {q.tolist()}"
print(f"whiteboard: s = {s:.3f}, z = {z}, codes {q.int().tolist()}, back {[round(v, 2) for v in back.tolist()]}")
half = parameters(x, 4, symmetric=True)
q = quantize(x, *half)
assert abs(half[0] - 3 / 7) < 1e-6 and q.tolist() == [-2, 0, 1, 7], f"whiteboard-symmetric: s {half[0]:.3f}"
print(f"whiteboard-symmetric: s = {half[0]:.3f}, {half[0] / s:.2f} times as wide, codes {q.int().tolist()}, back",
      [round(v, 2) for v in dequantize(q, *half[:2]).tolist()])

for data in (torch.randn(1000), torch.rand(1000) + 2, torch.randn(1000).relu()):
    ours = parameters(data, 8, symmetric=False)
    observer = MinMaxObserver(dtype=torch.quint8, qscheme=torch.per_tensor_affine)
    observer(data)
    scale, zero = observer.calculate_qparams()
    assert torch.isclose(scale, ours[0]) and (zero, observer.quant_min, observer.quant_max) == ours[1:], f"library: {scale.item():.4f}"
    fake = torch.fake_quantize_per_tensor_affine(data, scale.item(), zero.item(), *ours[2:])
    assert torch.allclose(fake, dequantize(quantize(data, *ours), *ours[:2]), atol=1e-5), "library-values: the same"
    assert dequantize(quantize(torch.zeros(1), *ours), *ours[:2]) == 0, "zero-exact: 0 comes back as 0"
observer = MinMaxObserver(dtype=torch.qint8, qscheme=torch.per_tensor_symmetric)
observer(x)
assert torch.isclose(observer.calculate_qparams()[0], x.abs().max() / 127.5), "library-symmetric: |x| / 127.5, not 127"
edge = torch.tensor([-1.07, -0.98, 0.98, 1.07], requires_grad=True)
torch.fake_quantize_per_tensor_affine(edge, 0.1, 0, -10, 10).sum().backward()      # range: -1 to 1
through, edge.grad = edge.grad.tolist(), None
edge.round().sum().backward()
assert through == [0, 1, 1, 0] and not edge.grad.any(), f"straight-through: gradients {through}, of round alone all 0"
print("library: scale, zero point and values are PyTorch's, for three distributions")
print("zero-exact: 0 comes back as 0 in each, also where all the data are above 2")

naive = -x.min() / s                                   # no zero point, offset x.min(): code of the real 0
gap = x.min() + naive.round() * s
assert torch.isclose(gap, s / 4, rtol=1e-4), f"padding: {gap:.3f} for every padded 0 if the offset is min(x) itself"
print(f"padding: every padded 0 would come back {gap:.3f} off if the offset were min(x) itself")


def error(x, symmetric):
    s, z, low, high = parameters(x, 8, symmetric)
    return ((dequantize(quantize(x, s, z, low, high), s, z) - x) ** 2).mean()


normal = torch.special.ndtri((torch.arange(200_000, dtype=torch.float64) + 0.5) / 200_000)  # a normal, no sampling
gain = {name: (10 * torch.log10(error(v, True) / error(v, False))).item() for name, v in
        {"one-sided": normal.relu(), "two-sided": normal}.items()}
assert abs(gain["one-sided"] - 20 * log10(255 / 127)) < 0.01, f"one-sided: {gain['one-sided']:.2f} dB"
print(f"one-sided: asymmetric gains {gain['one-sided']:.2f} dB, one bit, on ReLU's positive outputs")
claimed, actual = gain["one-sided"], gain["two-sided"]
print(f"claimed {claimed:.2f} dB, actual {actual:.2f} dB: what asymmetric gains on symmetric weights")
assert abs(actual - 20 * log10(255 / 254)) < 0.01 < claimed - 5, f"not-always: {actual:.2f} dB, not {claimed:.2f}"
