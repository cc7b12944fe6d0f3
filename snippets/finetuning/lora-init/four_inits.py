"""The four ways to start A and B: which keep the pretrained function, and which can learn at all."""
import torch

torch.manual_seed(0)
n, m, r, s, steps = 64, 48, 4, 2.0, 100
f64 = torch.float64
W, T = torch.randn(2, m, n, dtype=f64) * n ** -0.5           # frozen weight, and the weight to be learned
x = torch.randn(64, n, dtype=f64)


# --8<-- [start:four]
def run(random_A, random_B, optimizer):
    """Output shift at step 0, gradient norms at step 0, what training made of BA."""
    g = torch.Generator().manual_seed(1)
    A, B = torch.randn(r, n, generator=g, dtype=f64) * n ** -0.5, torch.randn(m, r, generator=g, dtype=f64) * r ** -0.5
    A = torch.full_like(A, 0.1) if random_A is None else A * random_A            # None: a constant
    A, B = A.requires_grad_(), (B * random_B).requires_grad_()
    opt = optimizer([A, B])
    for step in range(steps):
        h = x @ W.T + s * (x @ A.T) @ B.T
        loss = (h - x @ T.T).square().mean()
        opt.zero_grad()
        loss.backward()
        if step == 0:
            shift = ((h - x @ W.T).norm() / (x @ W.T).norm()).item()
            grads, start = [p.grad.norm().item() for p in (A, B)], loss.item()
        opt.step()
    moved = (B @ A).count_nonzero().item() / (m * n)
    return shift, *grads, moved, loss.item() / start, torch.linalg.matrix_rank(B @ A).item()
# --8<-- [end:four]


sgd = lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)
adam = lambda p: torch.optim.AdamW(p, lr=1e-2, weight_decay=0.1)
print("A       B       shift at 0  |dA| > 0  |dB| > 0  BA after 100 steps")
for a, b in ((1, 0), (0, 1), (0, 0), (1, 1)):
    for name, optimizer in (("SGD with momentum", sgd), ("AdamW", adam)):
        shift, dA, dB, moved, ratio, rank = run(a, b, optimizer)
        assert (shift == 0) == (a * b == 0), f"exact-start: shift {shift:.2f} for A {a}, B {b}"
        assert (dA > 0, dB > 0) == (b == 1, a == 1), f"who-learns: dA {dA:.2f}, dB {dB:.2f} for A {a}, B {b}"
        assert (moved, ratio < 1) == ((1, True) if a + b else (0, False)), \
            f"dead: {moved:.0%} of BA is nonzero after {steps} steps of {name}, loss ratio {ratio:.2f}"
    word = ("zero", "random")
    print(f"{word[a]:8}{word[b]:8}{shift:10.2f}  {str(dA > 0):8}  {str(dB > 0):8}  {moved:.0%} nonzero")
print(f"dead: with both zero, 0% of BA is nonzero after {steps} steps, under SGD with momentum and under AdamW")
alike, of_random = [run(A, 0, adam)[-1] for A in (None, 1)]
assert alike == 1 < r == of_random, f"constant: rank {alike} with a constant A, {of_random} with a random A"
print(f"constant: with B = 0, BA has rank {alike} after {steps} steps if A is a constant, rank {of_random} if it is random")
