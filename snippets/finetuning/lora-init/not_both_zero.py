"""Refutes: A and B are both initialized to zero. The pair is a stationary point: no optimizer leaves it."""
import torch

torch.manual_seed(0)
n, m, r, s = 64, 48, 4, 2.0
W, T = torch.randn(2, m, n) * n ** -0.5          # frozen weight, target weight
x = torch.randn(256, n)


def train(A, B, steps=200, lr=1.0):
    """Fine-tune the adapter by gradient descent; how far the loss falls, from 0 (nothing) to 1 (to zero)."""
    A, B, losses = A.requires_grad_(), B.requires_grad_(), []
    for _ in range(steps):
        loss = (x @ (W + s * B @ A).T - x @ T.T).square().mean()
        losses.append(loss.item())
        for p, grad in zip((A, B), torch.autograd.grad(loss, (A, B))):
            p.data -= lr * grad
    return 1 - losses[-1] / losses[0]


random_A = torch.empty(r, n).uniform_(-1, 1) * n ** -0.5
claimed = train(random_A, torch.zeros(m, r))                 # what "it is initialized to zero" is meant to do
actual = train(torch.zeros(r, n), torch.zeros(m, r))         # what "both are zero" does
print(f"claimed {claimed:.2f}, actual {actual:.2f}: part of the loss removed in 200 steps")
assert actual == 0 < 0.05 < claimed, f"not-both-zero: the loss falls by {actual:.2f}, not by {claimed:.2f}"
