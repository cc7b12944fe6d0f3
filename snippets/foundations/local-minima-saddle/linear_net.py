"""All critical points of a linear autoencoder with a bottleneck: how many are minima?"""
from itertools import combinations
import torch

torch.manual_seed(0)
d, k = 4, 2                                      # input width, bottleneck
Q, _ = torch.linalg.qr(torch.randn(d, d, dtype=torch.float64))
variance = torch.tensor([4.0, 3.0, 2.0, 1.0], dtype=torch.float64)
cov = Q @ torch.diag(variance) @ Q.T             # (d, d) covariance of the data


# --8<-- [start:critical]
def loss(flat):
    W1, W2 = flat[:k * d].view(k, d), flat[k * d:].view(d, k)            # x -> W2 W1 x
    R = torch.eye(d, dtype=torch.float64) - W2 @ W1
    return (R @ cov @ R.T).trace() / 2           # half the mean squared reconstruction error


rows = []
for r in range(k + 1):
    for kept in combinations(range(d), r):       # which principal directions pass the bottleneck
        U = torch.zeros(d, k, dtype=torch.float64)
        U[:, :r] = Q[:, list(kept)]
        theta = torch.cat([U.T.flatten(), U.flatten()])                  # W1 = U^T, W2 = U
        grad = torch.autograd.functional.jacobian(loss, theta)
        eig = torch.linalg.eigvalsh(torch.autograd.functional.hessian(loss, theta))      # (2 k d,)
        rows.append((kept, loss(theta).item(), grad.abs().max().item(), eig.min().item(), (eig < -1e-9).sum().item()))
# --8<-- [end:critical]
rows.sort(key=lambda row: row[1])
for kept, value, _, smallest, index in rows:
    print(f"row: directions {str(kept):7} loss {value:.1f}, smallest eigenvalue {smallest:5.2f}, {index} negative")
assert max(row[2] for row in rows) < 1e-12, f"critical: all {len(rows)} gradients are zero"
minima = [row for row in rows if row[3] > -1e-9]
best = (variance.sum() - variance[:k].sum()).item() / 2      # PCA: what the bottleneck has to lose
assert len(minima) == 1 and abs(minima[0][1] - best) < 1e-9, f"one-minimum: {len(minima)} of {len(rows)}, loss {best}"
print(f"critical: {len(rows)} critical points, all with gradient 0")
print(f"one-minimum: {len(minima)} of {len(rows)} is a minimum, loss {minima[0][1]:.1f} = what PCA leaves; the "
      f"other {len(rows) - 1} are saddles")
pairs = list(combinations(rows, 2))
assert all(a[4] <= b[4] or abs(b[1] - a[1]) < 1e-9 for a, b in pairs), "index: more loss, more ways down"
print(f"index: from loss {rows[0][1]:.1f} to {rows[-1][1]:.1f} the negative directions rise from {rows[0][4]} to "
      f"{rows[-1][4]}")


def deeper(flat):                                # one hidden layer more: x -> W3 W2 W1 x
    W1, W2, W3 = flat[:k * d].view(k, d), flat[k * d:k * (d + k)].view(k, k), flat[k * (d + k):].view(d, k)
    R = torch.eye(d, dtype=torch.float64) - W3 @ W2 @ W1
    return (R @ cov @ R.T).trace() / 2


zero, eye = torch.zeros(k * (2 * d + k), dtype=torch.float64), torch.eye(k, dtype=torch.float64)
derivatives = torch.autograd.functional.jacobian, torch.autograd.functional.hessian
flat = max(f(deeper, zero).abs().max().item() for f in derivatives)
U = 0.1 * Q[:, :k]
near = deeper(torch.cat([U.T.flatten(), 0.1 * eye.flatten(), U.flatten()])).item()
left = ((1 - 0.1**3) ** 2 * variance[:k].sum() + variance[k:].sum()).item() / 2      # 0.1^3 of the first k directions passes
assert abs(near - left) < 1e-12 and abs(deeper(zero).item() - variance.sum().item() / 2) < 1e-12, f"nearby: {near:.4f}, {left:.4f}"
assert flat == 0 and near < deeper(zero).item() - 1e-4, f"not-strict: |gradient|, |Hessian| {flat:.0f}, {near:.4f} nearby"
print(f"not-strict: with one more layer, all weights 0: gradient and Hessian {flat:.0f}, loss {deeper(zero):.4f}, "
      f"{near:.4f} nearby")
