"""A recurrence can run in parallel if it is linear: log2(n) rounds of a scan give what n steps give."""
import torch

torch.manual_seed(0)
n, d = 1024, 8
a, b = torch.rand(n, d, dtype=torch.float64), torch.randn(n, d, dtype=torch.float64)


def steps(f):
    h, out = torch.zeros(d, dtype=torch.float64), []
    for t in range(n):
        h = f(a[t] * h + b[t])
        out.append(h)
    return torch.stack(out)


def scan(f):
    """Combine the maps h -> A h + B of ever longer stretches, all positions at once."""
    A, B, rounds, width = a.clone(), b.clone(), 0, 1
    while width < n:
        B = torch.cat([B[:width], A[width:] * B[:-width] + B[width:]])
        A = torch.cat([A[:width], A[width:] * A[:-width]])
        width, rounds = 2 * width, rounds + 1
    return f(B), rounds


linear, rounds = scan(lambda h: h)
assert torch.allclose(linear, steps(lambda h: h), atol=1e-12) and 2 ** rounds == n, f"scan: {rounds} rounds"
print(f"scan: {rounds} rounds instead of {n} steps, the same states")
scanned, stepped = scan(torch.tanh)[0], steps(torch.tanh)
assert not torch.allclose(scanned, stepped, atol=0.5), "tanh: the same states"


def affine(f):
    """Whether two steps are one affine map: its middle value is the mean of those at both ends."""
    low, mid, high = (f(a[1] * f(a[0] * x + b[0]) + b[1]) for x in (0.0, 1.0, 2.0))
    return torch.allclose((low + high) / 2, mid)


assert affine(lambda h: h) and not affine(torch.tanh), "affine: two linear steps are one such step, with tanh they aren't"
print("tanh: with tanh inside the recurrence the scan gives other states: two steps are no affine map any more")
