"""Refutes: to start from the pretrained model, A or B must be zero. Three ways to start with neither zero."""
import torch

torch.manual_seed(0)
n, m, r, s = 96, 64, 8, 2.0
W0 = torch.randn(m, n, dtype=torch.float64)
x, y = torch.randn(32, n, dtype=torch.float64), torch.randn(32, m, dtype=torch.float64)


def pissa():                                     # the principal r singular directions
    U, S, Vh = torch.linalg.svd(W0, full_matrices=False)
    root = (S[:r] / s).sqrt()
    return root[:, None] * Vh[:r], U[:, :r] * root               # A (r, n), B (m, r)


def olora():                                     # the first r columns of Q and rows of R
    Q, R = torch.linalg.qr(W0)
    return R[:r], Q[:, :r]


def orthogonal():                                # peft's "orthogonal": B A = 0 although neither is zero
    Q = torch.linalg.qr(torch.randn(r, r, dtype=torch.float64))[0]
    left, right = torch.randn(m, r // 2, dtype=torch.float64), torch.randn(r // 2, n, dtype=torch.float64)
    return Q[0::2].T @ right / 10, left @ Q[1::2] / 10


def start(A, B):
    """Freeze W0 - s B A, so that the sum is W0. Output shift, both gradient norms, their gap to the chain rule."""
    A, B = A.clone().requires_grad_(), B.clone().requires_grad_()
    W = (W0 - s * B @ A).detach()                # the residual, not W0, is what stays frozen
    h = x @ W.T + s * (x @ A.T) @ B.T
    (h - y).square().mean().backward()
    G = 2 * (h - y).detach().T @ x / y.numel()   # (m, n) the gradient that W would have
    gap = max((A.grad - s * B.T @ G).abs().max().item(), (B.grad - s * G @ A.T).abs().max().item())
    return ((h - x @ W0.T).norm() / (x @ W0.T).norm()).item(), A.grad.norm().item(), B.grad.norm().item(), gap


shifts = []
for name, (A, B) in (("PiSSA", pissa()), ("OLoRA", olora()), ("orthogonal", orthogonal())):
    shift, dA, dB, gap = start(A, B)
    assert gap < 1e-12 and min(dA, dB) > 0.1, f"both-learn: {name}, gradients {dA:.2f} and {dB:.2f} at step 0"
    sizes = A.norm().item(), B.norm().item()
    assert 1 < min(sizes) and max(sizes) < 40, f"none-zero: {name}, norms {sizes[0]:.1f} and {sizes[1]:.1f}"
    shifts.append(shift)
assert (B @ A).abs().max() < 1e-12, "orthogonal: B A = 0, nothing is taken off W"
A, B = pissa()
left, S = torch.linalg.svdvals(W0 - s * B @ A), torch.linalg.svdvals(W0)
assert torch.allclose(left[:m - r], S[r:]), "pissa: the singular values left are those after the first r"
A, B = olora()
rest = W0 - B @ A
assert rest[:, :r].abs().max() < 1e-12 < rest[:, r:].abs().max(), "olora: B A takes over the first r columns of W"
print("both-learn: PiSSA, OLoRA and orthogonal factors give A and B a gradient at step 0")
h = x @ W0.T + s * (x @ A.T) @ B.T               # nonzero and not compensated: what the rule warns of
claimed, actual = ((h - x @ W0.T).norm() / (x @ W0.T).norm()).item(), max(shifts)
print(f"claimed {claimed:.2f}, actual below 1e-13: {actual < 1e-13}: relative shift of the output at step 0")
assert actual < 1e-13 and 0.5 < claimed < 1.2, f"not-needed: the output shifts by {actual:.0e}, not {claimed:.2f}"
