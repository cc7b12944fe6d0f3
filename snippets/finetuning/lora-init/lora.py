"""A LoRA layer from scratch: what its initialization does to the output, the gradients and the first step."""
import math
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
d_in, d_out, r, alpha = 256, 192, 8, 16
s, f64 = alpha / r, torch.float64


# --8<-- [start:layer]
class LoRALinear(nn.Module):
    """h = W x + (alpha / r) B A x with W frozen. A: (r, d_in), B: (d_out, r)."""

    def __init__(self, base: nn.Linear):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.A = nn.Parameter(torch.empty(r, d_in, dtype=f64))
        self.B = nn.Parameter(torch.zeros(d_out, r, dtype=f64))          # zero
        nn.init.kaiming_uniform_(self.A, a=math.sqrt(5))                 # random, as loralib and peft do

    def forward(self, x):                        # x: (batch, d_in)
        return self.base(x) + s * (x @ self.A.T) @ self.B.T              # (batch, d_out)
# --8<-- [end:layer]


base = nn.Linear(d_in, d_out, bias=False, dtype=f64)
W0 = base.weight.detach().clone()
x, y = torch.randn(64, d_in, dtype=f64), torch.randn(64, d_out, dtype=f64)
loss = lambda h: F.mse_loss(torch.tanh(h), y)
full = W0.clone().requires_grad_()               # full fine-tuning, for comparison
loss(x @ full.T).backward()
G = full.grad                                    # (d_out, d_in) the gradient that W would have

layer = LoRALinear(base)
A, B = layer.A, layer.B
assert torch.equal(layer(x), base(x)) and A.count_nonzero() == A.numel(), "same-output: the layer starts as W"
print("same-output: bit for bit the output of W alone, although every entry of A is nonzero")
bound, std = A.abs().max().item() * math.sqrt(d_in), A.std().item() * math.sqrt(d_in)
assert 0.98 < bound <= 1 and abs(std - 3 ** -0.5) < 0.03, f"uniform: max {bound:.2f}, std {std:.2f}, times sqrt(d_in)"
print(f"uniform: max |A| = {bound:.2f} / sqrt(d_in), std(A) = {std:.2f} / sqrt(d_in)")
twin = nn.Linear(d_in, r, bias=False, dtype=f64)  # nn.Linear's own initialization draws the same numbers
torch.manual_seed(1), twin.reset_parameters()
torch.manual_seed(1), nn.init.kaiming_uniform_(clone := torch.empty(r, d_in, dtype=f64), a=math.sqrt(5))
assert torch.equal(twin.weight, clone), "linear-default: kaiming_uniform_(a=sqrt(5)) is the default of nn.Linear"

loss(layer(x)).backward()
gap = (B.grad - s * G @ A.T).abs().max().item() / B.grad.abs().max().item()
assert gap < 1e-12 and B.grad.norm() > 0, f"grad-b: dB must be s G A^T, relative gap {gap:.0e}"
assert A.grad.count_nonzero() == 0, "grad-a: dA = s B^T G is exactly zero while B is"
print("grad-b: dB = s G A^T, nonzero; grad-a: dA = s B^T G = 0")

lr = 0.5                                         # one step of SGD
with torch.no_grad():
    A -= lr * A.grad
    B -= lr * B.grad
delta = (s * B @ A).detach()                     # (d_out, d_in)
P = A.detach().T @ A.detach()                    # (d_in, d_in) rank r
gap = (delta + lr * s * s * G @ P).norm().item() / delta.norm().item()
assert gap < 1e-12, f"first-step: the update must be -lr s^2 G A^T A, relative gap {gap:.0e}"
rank = torch.linalg.matrix_rank(delta).item()
assert rank == r < torch.linalg.matrix_rank(G).item(), f"rank: {rank}, the rank of G is larger"
print(f"first-step: the update is -lr s^2 G A^T A: the full gradient projected onto {rank} random directions")
A.grad = B.grad = None
loss(layer(x)).backward()
full = (W0 + delta).requires_grad_()             # the gradient that W + s B A would have now
loss(x @ full.T).backward()
law = -lr * s * s * A.detach() @ G.T @ full.grad                 # s B^T G' with B = -lr s G A^T
gap = (A.grad - law).norm().item() / law.norm().item()
assert gap < 1e-10 and A.grad.count_nonzero() == A.numel(), f"second-step: dA is -lr s^2 A G^T G', gap {gap:.0e}"
print("second-step: dA = -lr s^2 A G^T G', nonzero from the second step on")

merged = W0 + delta
gap = (x @ merged.T - layer(x)).abs().max().item()
assert gap < 1e-12 and delta.norm() > 0, f"merge: W + s B A gives another output, gap {gap:.0e}"
assert torch.equal(base.weight, W0) and base.weight.grad is None, "frozen: W must not have moved"
print("merge: W + s B A gives the same output; frozen: W has not moved and has no gradient")
