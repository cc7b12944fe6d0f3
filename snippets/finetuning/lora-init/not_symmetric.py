"""Refutes: BA is zero either way, so it makes no difference which of A and B starts at zero."""
import torch

n, r, batch, lr = 4096, 8, 4, 1e-4               # n: the width of LLaMA-2-7B


def first_step(zero, seed):
    """RMS change of the output in one Adam step from BA = 0, with the usual fan-in variance."""
    g = torch.Generator().manual_seed(seed)
    rand = lambda *shape: torch.randn(*shape, generator=g)
    A, B = rand(r, n) * n ** -0.5, rand(n, r) * r ** -0.5
    A, B = A * (zero == "B"), B * (zero == "A")
    x, residual = rand(n, batch), rand(n, batch)
    grad_A, grad_B = B.T @ residual @ x.T, residual @ (A @ x).T
    A, B = A - lr * grad_A.sign(), B - lr * grad_B.sign()        # Adam's first step is lr times the sign
    return (B @ (A @ x)).square().mean().sqrt().item()


moved = {zero: [first_step(zero, seed) for seed in range(8)] for zero in "AB"}
for zero in "AB":
    assert min(moved[zero]) > 0, f"both-move: {zero} = 0 learns too, the least change is {min(moved[zero]):.4f}"
claimed, actual = sum(moved["B"]) / 8, sum(moved["A"]) / 8       # no difference: what B = 0 does, A = 0 does
print(f"claimed {claimed:.4f}, actual {actual:.4f}: RMS change of the output in the first step with A = 0")
ratio = actual / claimed
assert 340 * claimed < actual < 375 * claimed, f"not-symmetric: A = 0 moves the output {ratio:.0f} times as far as B = 0"
print(f"not-symmetric: {ratio:.0f} times as far as with B = 0, at the same learning rate")
