"""Refutes: KL is the entropy minus the cross-entropy."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
p, q = torch.randn(2, 10000, 6, dtype=torch.float64).softmax(-1)     # 10000 pairs
entropy = torch.distributions.Categorical(p).entropy()
cross = F.cross_entropy(q.log(), p, reduction="none")
kl = torch.distributions.kl_divergence(*map(torch.distributions.Categorical, (p, q)))
assert torch.allclose(cross - entropy, kl, atol=1e-12), "right-order: cross-entropy minus entropy of p"
a, b = torch.tensor([[0.99, 0.01], [0.7, 0.3]], dtype=torch.float64)
other = -(a * b.log()).sum() + (b * b.log()).sum()                   # H(a, b) - H(b): the wrong entropy is subtracted
assert -0.3 < other < -0.2, f"which-entropy: H(p, q) - H(q) = {other:.2f}"
print(f"which-entropy: H(p, q) - H(q) = {other:.2f} nats for p = (0.99, 0.01), q = (0.7, 0.3), so it can't be KL")

claimed, actual = (entropy - cross).max().item(), kl.min().item()    # the largest and the smallest of all pairs
print(f"claimed at most {claimed:.4f}, actual at least {actual:.4f} nats")
assert claimed < 0 < actual, f"not-entropy-first: the difference is never above {claimed:.4f}, KL never below {actual:.4f}"
