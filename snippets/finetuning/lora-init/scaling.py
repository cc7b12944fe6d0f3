"""How the first update depends on the rank: alpha / r and alpha / sqrt(r), under SGD and under Adam."""
import torch

torch.manual_seed(0)
n, alpha, batch, ranks = 1024, 16, 1, (8, 128)


def gradient(s, residual, z):                    # z = A x, residual = W x - target
    return s * residual @ z.T                    # dB = s G A^T


def first_update(r, s, adam, seed, batch=batch):
    """RMS change of the output on the training inputs in one step from B = 0."""
    g = torch.Generator().manual_seed(seed)
    A = torch.randn(r, n, generator=g) * n ** -0.5
    x, residual = torch.randn(2, n, batch, generator=g)
    grad = gradient(s, residual, A @ x)
    B = -1e-3 * (grad.sign() if adam else grad)
    return (s * B @ (A @ x)).square().mean().sqrt().item()


residual, z, B = torch.randn(6, 3), torch.randn(4, 3), torch.zeros(6, 4, requires_grad=True)
((residual + 2.0 * B @ z).square().sum() / 2).backward()
assert torch.allclose(B.grad, gradient(2.0, residual, z), atol=1e-5), "gradient: autograd must give s G A^T at B = 0"

# --8<-- [start:law]
growth = {}
for adam in (False, True):
    for name, scale in (("alpha / r", lambda r: alpha / r), ("alpha / sqrt(r)", lambda r: alpha / r ** 0.5)):
        size = [sum(first_update(r, scale(r), adam, k) for k in range(64)) for r in ranks]
        growth[adam, name] = size[1] / size[0]
# --8<-- [end:law]
k = ranks[1] // ranks[0]
a, b = growth[False, "alpha / r"] * k, growth[False, "alpha / sqrt(r)"]
assert abs(a - 1) < 0.2 and abs(b - 1) < 0.2, f"sgd-law: {a / k:.2f} with alpha / r, {b:.1f} with alpha / sqrt(r)"
print(f"sgd-law: rank {ranks[0]} to {ranks[1]} multiplies the first SGD update by {a / k:.2f} with alpha / r, "
      f"by {b:.1f} with alpha / sqrt(r)")
a, b = growth[True, "alpha / r"], growth[True, "alpha / sqrt(r)"]
assert abs(a - 1) < 0.25 and abs(b / k ** 0.5 - 1) < 0.25, f"adam-law: {a:.1f} with alpha / r, {b:.1f} with alpha / sqrt(r)"
print(f"adam-law: the first Adam update by {a:.1f} with alpha / r, by {b:.1f} with alpha / sqrt(r)")
many = [[sum(first_update(r, scale(r), True, k, batch=256) for k in range(8)) for r in ranks]
        for scale in (lambda r: alpha / r, lambda r: alpha / r ** 0.5)]
a, b = (large / small for small, large in many)
assert 0.25 < a < 0.35 and 1.1 < b < 1.3, f"batch: {a:.1f} with alpha / r, {b:.1f} with alpha / sqrt(r)"
print(f"batch: with 256 samples in the step, Adam: {a:.1f} with alpha / r, {b:.1f} with alpha / sqrt(r)")
