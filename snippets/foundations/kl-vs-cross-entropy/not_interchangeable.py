"""Refutes: minimising cross-entropy and minimising KL always give the same result."""
import torch

ref = torch.tensor([0.4, 0.3, 0.2, 0.1], dtype=torch.float64)        # the reference policy, held fixed


def minimise(loss):
    """Gradient descent on the logits of pi, the FIRST argument: the distribution that is sampled from."""
    z = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    for _ in range(600):
        g, = torch.autograd.grad(loss(z.softmax(0)), z)
        z = (z - 3 * g).detach().requires_grad_()
    return z.softmax(0).detach()


H = lambda p: -(p * p.clamp_min(1e-300).log()).sum().item()
by_ce = minimise(lambda pi: -(pi * ref.log()).sum())                  # H(pi, ref)
by_kl = minimise(lambda pi: (pi * (pi.log() - ref.log())).sum())      # KL(pi || ref)
assert torch.allclose(by_kl, ref, atol=1e-6), "kl-copies: the minimiser of KL is the reference"
assert by_ce[0] > 0.99, f"ce-collapses: {by_ce[0]:.3f} of the mass on the most likely action"
print(f"ce-collapses: {by_ce[0]:.3f} of the mass on one action; kl-copies: the reference {by_kl.numpy().round(3)}")
claimed, actual = H(by_ce), H(by_kl)                                  # entropy of the policy that is reached
print(f"claimed {claimed:.2f}, actual {actual:.2f} nats of entropy left")
assert actual > claimed + 1, f"not-interchangeable: {claimed:.2f} nats left by cross-entropy, {actual:.2f} by KL"
