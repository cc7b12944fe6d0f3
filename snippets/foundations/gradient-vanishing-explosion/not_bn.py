"""Refutes: batch normalisation cures exploding gradients. Without skips it makes them grow by a fixed factor a layer."""
import math
import torch
import torch.nn.functional as F

n, B, L, seeds = 256, 64, 24, 4
low, high = 8, 20                                            # layers at which the gradient is read
torch.set_default_dtype(torch.float64)


def growth(norm, seed, gain=2):
    """Factor a layer by which the squared gradient grows on its way from layer `high` back to layer `low` of ReLU layers."""
    torch.manual_seed(seed)
    h, hs = torch.randn(B, n), []                            # (batch, width)
    for _ in range(L):
        h = h.requires_grad_() if not hs else h
        h.retain_grad() if hs else None
        hs.append(h)
        z = h @ torch.randn(n, n) * (gain / n) ** 0.5        # 2: He variance
        h = F.relu(F.batch_norm(z, None, None, training=True, eps=1e-12) if norm else z)
    h.backward(torch.randn(B, n))
    return (hs[low].grad.norm() / hs[high].grad.norm()).item() ** (2 / (high - low))


plain = [growth(False, s) for s in range(seeds)]
bn = [growth(True, s) for s in range(seeds)]
theory = math.pi / (math.pi - 1)                             # mean field theory of BN with ReLU, infinite width and batch
claimed, actual = max(plain), min(bn)                        # a cure would not be above the network without it
print(f"claimed at most {claimed:.2f}, actual at least {actual:.2f}, theory {theory:.3f}: squared gradient, factor a layer")
assert max(abs(p - 1) for p in plain) < 0.1, f"plain: {min(plain):.3f} ... {max(plain):.3f} without BN: He keeps it"
assert max(abs(b - theory) for b in bn) < 0.08, f"bn-rate: {min(bn):.3f} ... {max(bn):.3f}, pi / (pi - 1) = {theory:.3f}"
other = [growth(True, s, 0.5) for s in range(2)]             # a quarter of the variance
assert max(abs(a / b - 1) for a, b in zip(other, bn)) < 1e-6, f"any-variance: {other[0]:.3f} with variance 0.5/n, {bn[0]:.3f} with 2/n"
print(f"bn-rate: pi / (pi - 1) = {theory:.3f} a layer, {theory**25:.0f} times the norm over 50 layers")
assert actual > claimed + 0.2, f"not-bn: {actual:.2f} a layer with BN, {claimed:.2f} without"
