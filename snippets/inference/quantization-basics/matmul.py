"""An integer matrix product with scales and zero points: what can wait until after it, and what must be added."""
import torch

torch.manual_seed(0)
M, K, N = 32, 4096, 64                                 # tokens, input channels, output channels
X, W = torch.randn(M, K, dtype=torch.float64).relu(), torch.randn(K, N, dtype=torch.float64)

# --8<-- [start:expand]
top = X.amax(1, keepdim=True)                          # M, 1: one scale per token
s_x, z_x = top / 255, -128                             # asymmetric: 0 is at -128, the whole int8 range is used
s_w = W.abs().amax(0) / 127                            # N: one scale per output channel, symmetric
X_q = (torch.round(X / s_x) + z_x).clamp(-128, 127).to(torch.int8)     # M, K
W_q = torch.round(W / s_w).clamp(-127, 127).to(torch.int8)             # K, N

product = torch._int_mm(X_q, W_q)                      # M, N: int8 times int8, summed in int32
correction = z_x * W_q.int().sum(0)                    # N: weights alone, once and for all
Y = s_x * s_w * (product - correction)                 # M, N: one multiplication per output
# --8<-- [end:expand]

dequantized = (s_x * (X_q.double() - z_x)) @ (s_w * W_q.double())
assert product.dtype == torch.int32 and torch.allclose(Y, dequantized, rtol=1e-12), "expansion: equals float arithmetic"
print("expansion: the int32 product, corrected and rescaled once, is the product of the dequantized matrices")
error = ((Y - X @ W).norm() / (X @ W).norm()).item()
assert 0.001 < error < 0.02, f"w8a8-error: {error:.3f}"
print(f"w8a8-error: {100 * error:.1f}% from the product before quantization")

z_w = 5                                                # asymmetric weights: a zero point of their own
W_a = (W_q.int() // 2 + z_w).to(torch.int8)
full = torch._int_mm(X_q, W_a) - z_x * W_a.int().sum(0)                # what could be prepared
exact = (X_q.long() - z_x) @ (W_a.long() - z_w)
rest = z_w * (X_q.long().sum(1, keepdim=True) - K * z_x)               # M, 1: sums over this input
assert torch.equal(full.long() - rest, exact) and (rest.amax() > rest.amin()), "depends-on-input: a term per token"
missing = full.long() - exact                          # M, N
assert torch.equal(missing, missing[:, :1].expand(M, N)), "one-per-token: the same for all N outputs of a token"
print("depends-on-input: asymmetric weights need the sum of each token's codes too, known only at run time")

one, two, three = (n * 127 * 127 for n in (1, 2, 3))
assert two <= torch.iinfo(torch.int16).max < three, f"int16: {two} fits, {three} does not"
print(f"int16: {two} fits in int16, {three} doesn't: 3 products can overflow it")
pair = {low: 2 * -low * 128 for low in (-127, -128)}   # weights from low on, activations from -128 on
assert pair[-127] <= torch.iinfo(torch.int16).max < pair[-128], f"restricted: {pair[-127]} fits, {pair[-128]} does not"
print(f"restricted: two products reach {pair[-127]} if weights leave out -128, which fits int16, else {pair[-128]}, which doesn't")
longest = torch.iinfo(torch.int32).max // one
assert longest > 11008 and longest == 133144, f"int32: {longest} products"
print(f"int32: holds {longest} products at least; the longest sum of LLaMA-2-7B has 11008")
assert product.abs().max() > torch.iinfo(torch.int16).max, "really-needed: sums here exceed int16"
