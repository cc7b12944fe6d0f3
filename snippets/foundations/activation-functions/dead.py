"""A dead ReLU: negative on every sample of the data, so its weights get a gradient of exactly zero."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
X, Y = torch.randn(500, 8), torch.randn(500, 1)


# --8<-- [start:dead]
def train(f, steps=300, lr=0.02, decay=0.0):
    """4 hidden units on 500 samples; unit 0 starts with bias -50. Returns its change and what it outputs."""
    g = torch.Generator().manual_seed(1)
    W, b, v = torch.randn(4, 8, generator=g), torch.zeros(4), torch.randn(1, 4, generator=g)
    b[0] = -50.0
    ps = [p.requires_grad_() for p in (W, b, v)]
    start = [p.detach().clone() for p in ps]
    for _ in range(steps):
        loss = (f(X @ W.T + b) @ v.T - Y).square().mean()
        for p, d in zip(ps, torch.autograd.grad(loss, ps)):
            p.data -= lr * (d + decay * p.data)
    moved = max((p[0] - s[0]).abs().max().item() for p, s in zip(ps[:2], start[:2]))
    return moved, (f(X @ W.T + b)[:, 0] > 0).any().item(), (ps[0][1:] - start[0][1:]).abs().min().item()
# --8<-- [end:dead]


moved, fires, others = train(torch.relu)
assert moved == 0 and not fires and others > 0, f"dead: moved by {moved}; the other units moved by at least {others:.1e}"
assert train(torch.relu, steps=0)[2] == 0, "still: without a step no unit has moved"
print(f"dead: after 300 steps the dead unit has moved by {moved:.0f}, the others have all moved")
leaky, _, _ = train(lambda z: F.leaky_relu(z, 0.01))
assert leaky > 0, f"leaky: moved by {leaky:.1e}"
print("leaky: with slope 0.01 below zero the same unit moves")
gelu, _, _ = train(F.gelu)
assert gelu == 0, f"gelu-too: moved by {gelu:.1e}: far below zero its derivative is zero in float64"
print("gelu-too: GELU at the same -50 has derivative 0 in float64: smooth is not immortal")
shrunk, fires, _ = train(torch.relu, decay=1.0)
assert 40 < shrunk < 50 and not fires, f"decay: moved by {shrunk:.0f}, fires: {fires}"
print(f"decay: weight decay moved its bias by {shrunk:.0f} of 50 and it is still silent: w and b shrink alike")
z = torch.zeros(3, requires_grad=True)
at_zero = torch.autograd.grad(torch.relu(z).sum(), z)[0].max().item()
assert at_zero == 0, f"at-zero: PyTorch's derivative of ReLU at 0 is {at_zero}"
