"""The gradient is a product of Jacobians: what its norms and eigenvalues say, and what they don't."""
import numpy as np
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
n, T = 64, 50

# --8<-- [start:chain]
W = torch.randn(n, n) * 1.4 / n**0.5                  # recurrent weights of a tanh RNN
u = torch.randn(T, n) * 0.3                           # input terms
h0 = torch.randn(n, requires_grad=True)
h, J = h0, []                                         # J[t] = dh_t / dh_{t-1}, (n, n)
for t in range(T):
    h = torch.tanh(W @ h + u[t])
    J.append((1 - h.detach() ** 2)[:, None] * W)      # diag(tanh') W

g = torch.randn(n)                                    # gradient of the loss in h_T
by_autograd, = torch.autograd.grad(h, h0, g)
by_product = g
for Jt in reversed(J):
    by_product = Jt.T @ by_product                    # J_1^T ... J_T^T g
# --8<-- [end:chain]
assert torch.allclose(by_autograd, by_product, rtol=1e-10, atol=0), "chain: autograd multiplies the Jacobians"
sigma = [torch.linalg.svdvals(Jt) for Jt in J]
upper = g.norm() * torch.stack([s[0] for s in sigma]).prod()
lower = g.norm() * torch.stack([s[-1] for s in sigma]).prod()
norms = [torch.stack([torch.linalg.matrix_norm(Jt, which) for Jt in J]).prod() for which in (2, -2)]     # the oracle
assert torch.allclose(torch.stack([upper, lower]) / g.norm(), torch.stack(norms), rtol=1e-9, atol=0), "extremes: largest and smallest singular value"
assert lower < by_product.norm() < upper, f"bound: {lower:.0e} < {by_product.norm():.0e} < {upper:.0e}"
print(f"chain: autograd and the product of {T} Jacobians agree; |g_0| / |g_T| = {by_product.norm() / g.norm():.1e}")
print(f"bound: products of the smallest and the largest singular values: {lower / g.norm():.0e} and {upper / g.norm():.0e}")

Q = np.linalg.qr(np.random.default_rng(0).standard_normal((n, n)))[0]        # orthogonal: keeps every norm
after = lambda c, k=T: np.linalg.norm(np.linalg.matrix_power(c * Q, k) @ Q[0])
small, large = after(0.9), after(1.1)
assert max(abs(small / 0.9**T - 1), abs(large / 1.1**T - 1)) < 1e-9, \
    f"ten-percent: {small:.4f} and {large:.0f} after {T} steps"
print(f"ten-percent: c = 0.9 leaves {small:.4f}, c = 1.1 gives {large:.0f} times, after {T} steps")

A = np.array([[0.9, 1.0], [0.0, 0.9]])                # both eigenvalues 0.9, largest singular value above 1
growth = [np.linalg.norm(np.linalg.matrix_power(A, k), 2) for k in range(301)]
top, peak = growth[1], max(growth)
exact = ((2 * 0.81 + 1 + ((2 * 0.81 + 1) ** 2 - 4 * 0.81**2) ** 0.5) / 2) ** 0.5       # from trace and determinant of A^T A
assert abs(top - exact) < 1e-9 and peak > 3 and growth[300] < 1e-9, f"transient: {top:.2f}, peak {peak:.2f}, then {growth[300]:.0e}"
print(f"transient: singular value {top:.2f}, growth up to {peak:.1f} at step {growth.index(peak)}, {growth[300]:.0e} at step 300")
Wn = np.array([[8.0, 8.0], [-8.0, -8.0]])             # Wn Wn = 0: all its eigenvalues are 0
slope = 1 - np.tanh([0.0, np.arctanh(0.5)]) ** 2      # tanh' at a fixed point of x = W tanh(x) + b: (1, 3/4)
grown = np.linalg.norm(np.linalg.matrix_power(Wn * slope, 10), 2)
rank_one = (8 - 6) ** 9 * 200**0.5                    # Wn * slope = (1, -1)^T (8, 6): eigenvalue 8 - 6, norm sqrt(2) * 10
assert not (Wn @ Wn).any() and abs(grown / rank_one - 1) < 1e-9, f"nilpotent: {grown:.0f} after 10 steps, with eigenvalues 0"
print(f"nilpotent: every eigenvalue of W is 0, the gradient grows {grown:.0f} times in 10 steps")

p = torch.nn.Parameter(torch.tensor(1.1 * Q))         # an exploding matrix under LLaMA-7B's weight decay, no loss
opt = torch.optim.AdamW([p], lr=3e-4, weight_decay=0.1)
p.grad = torch.zeros_like(p)
for _ in range(100):
    opt.step()
shrink = (p.norm() / (1.1 * torch.tensor(Q)).norm()).item() ** (1 / 100)     # measured factor of one step
steps = int(np.ceil(np.log(1.1) / -np.log(shrink)))   # until the matrix is down to norm 1
at100, weak = after(1.1 * shrink**100), after(0.9 * shrink**steps)
assert 90 < at100 < large and 3000 < steps < 3500, f"decay: {at100:.0f} after 100 steps, 1 only after {steps}"
assert weak < small / 100, f"decay-vanishes: {small:.4f} becomes {weak:.0e}"
print(f"decay: {large:.0f} -> {at100:.0f} after 100 steps at lr 3e-4 and decay 0.1; down to 1 only after {steps} steps")
print(f"decay-vanishes: as many steps turn {small:.4f} into {weak:.5f}")
