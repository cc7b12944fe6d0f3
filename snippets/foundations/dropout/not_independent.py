"""Refutes: dropout averages networks that overfit independently, so that their errors cancel. Linear case, all masks."""
import itertools
import torch

torch.set_default_dtype(torch.float64)
d, n, p = 6, 40, 0.4
M = torch.tensor(list(itertools.product([0.0, 1.0], repeat=d)))[1:]      # every mask but the empty one
prob = torch.where(M > 0, 1 - p, p).prod(1)


# --8<-- [start:fit]
def dropout_fit(X, y):                           # ONE weight vector: least squares averaged over all masks
    A, b = torch.zeros(d, d), torch.zeros(d)
    for m, q in zip(M, prob):
        Z = X * m / (1 - p)                      # (n, d) thinned inputs, inverted scaling
        A, b = A + q * Z.T @ Z, b + q * Z.T @ y
    return torch.linalg.solve(A, b)


def separate_fit(X, y):                          # members that share nothing: each fits its own mask, then they vote
    w = torch.zeros(d)
    for m, q in zip(M, prob):
        on = m > 0
        w[on] += q * torch.linalg.lstsq(X[:, on], y).solution
    return w
# --8<-- [end:fit]


errors = []
for seed in range(20):
    torch.manual_seed(seed)
    X = torch.randn(n, 1) + 0.5 * torch.randn(n, d)          # (n, d) features that share a factor
    y = X @ torch.randn(d) + torch.randn(n)
    w, G = dropout_fit(X, y), X.T @ X
    ridge = torch.linalg.solve(G + p / (1 - p) * torch.diag(G.diag()), X.T @ y)
    assert torch.allclose(w, ridge, atol=1e-10), "ridge: dropout is a ridge, weighted by the energy of each feature"
    members = prob @ (M * w / (1 - p))           # (d,) mean of the sharing members
    assert torch.allclose(members, w), "members: averaging the sharing members gives back the one network"
    lonely = prob @ ((y - (M * w / (1 - p)) @ X.T) ** 2).mean(1) + p**d * (y * y).mean()    # mean error of a single member
    error = lambda v: ((y - X @ v) ** 2).mean()
    excess = lonely - error(w)
    assert torch.allclose(excess, p / (1 - p) * G.diag() @ w**2 / n), f"excess: a member's additional error is the penalty, {excess:.2f}"
    errors.append([error(v).item() for v in (separate_fit(X, y), w)])
print("ridge: the dropout solution is a ridge solution with penalty p / (1 - p) times the energy of each feature")
Q = torch.linalg.qr(torch.randn(n, d))[0]        # the exception: orthogonal features, where members can't compete
y = Q @ torch.randn(d) + torch.randn(n)
assert torch.allclose(dropout_fit(Q, y), separate_fit(Q, y)), "orthogonal: here the two agree"
print("orthogonal: with orthogonal features the two agree")

E = torch.tensor(errors)                         # (20, 2)
claimed, actual = E.mean(0).tolist()             # training error of separate members and of dropout
print(f"claimed {claimed:.2f}, actual {actual:.2f}: mean squared error on the training data, mean of 20 data sets")
least = (E[:, 0] / E[:, 1] - 1).abs().min().item()
assert abs(claimed / actual - 1) > 0.1 and least > 1e-3, f"not-independent: {claimed:.2f} and {actual:.2f}, {least:.1e} apart at least"
print(f"not-independent: {claimed:.2f} for separately fitted members, {actual:.2f} for dropout")
