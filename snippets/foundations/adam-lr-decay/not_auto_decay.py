# bagu: seconds=60
"""Refutes: Adam lowers its step by itself as the gradients get smaller."""
import math
import torch

lr, T, b2 = 1e-3, 10000, 0.999
rho = torch.tensor([0.9998, 0.999], dtype=torch.float64)     # two parameters, two speeds at which gradients shrink
x = torch.zeros(2, dtype=torch.float64, requires_grad=True)
opt = torch.optim.Adam([x], lr=lr, betas=(0.9, b2), eps=0)
for t in range(T):
    before, x.grad = x.detach().clone(), rho**t
    opt.step()
slow, fast = ((before - x.detach()) / lr).tolist()
gradient = rho[0].item() ** (T - 1)
limit = (1 - 0.9) / (1 - 0.9 / rho[0]) / ((1 - b2) / (1 - b2 / rho[0] ** 2)) ** 0.5        # geometric series
assert abs(slow / limit - 1) < 0.02, f"constant-share: {slow:.3f} lr, geometric series {limit:.3f} lr"
assert rho[1] < b2**0.5 < rho[0] and fast < 0.05, f"threshold: {slow:.2f} lr above sqrt(beta2), {fast:.4f} lr below"
print(f"threshold: gradients shrinking by 0.9998 a step leave {slow:.2f} lr; by 0.999, faster than "
      f"sqrt(0.999) = {b2**0.5:.4f}, they leave {fast:.2f} lr")
claimed, actual = gradient, slow                             # a step that follows the gradient; Adam's
print(f"claimed {claimed:.3f}, actual {actual:.3f} lr after the gradient fell to {gradient:.3f} of its start")
assert abs(claimed - math.exp(-2)) < 1e-4, f"fell: (1 - 2 / T)^T is about e^-2 = {math.exp(-2):.4f}, {claimed:.4f} here"
assert actual > 4 * claimed, f"not-auto-decay: the gradient fell to {claimed:.3f}, the step is {actual:.2f} lr"
