"""k1, k2, k3 estimate KL(q || p) from samples of q: their values, their variance, and their gradients as a loss."""
from math import erfc
import numpy as np
import torch

# --8<-- [start:k]
k1 = lambda logr: -logr                          # logr = log p(x) - log q(x), x ~ q
k2 = lambda logr: logr**2 / 2
k3 = lambda logr: np.exp(logr) - 1 - logr        # k1 plus r - 1, whose mean under q is zero
# --8<-- [end:k]
ks = (k1, k2, k3)
rng = np.random.default_rng(0)
x = rng.standard_normal(1_000_000)               # x ~ q = N(0, 1)
t, w = np.polynomial.hermite_e.hermegauss(60)    # and the exact integrals, by quadrature
w = w / w.sum()
table = {0.1: [(0, 20), (0.002, 1.42), (0, 1.42)], 1.0: [(0, 2), (0.25, 1.73), (0, 1.7)]}    # Schulman's post
for mu, rows in table.items():                   # p = N(mu, 1): KL = mu^2 / 2
    kl = mu**2 / 2
    for name, k, (bias, std) in zip(("k1", "k2", "k3"), ks, rows):
        mean = w @ k(mu * t - kl)
        dev = (w @ (k(mu * t - kl) - mean) ** 2) ** 0.5
        sample = k(mu * x - kl)
        assert abs(mean / kl - 1 - bias) < 1e-3 and abs(dev / kl - std) < 0.02, \
            f"table: {name}, mu {mu}: bias {mean / kl - 1:.4f}, deviation {dev / kl:.2f}; published {bias}, {std}"
        assert abs(sample.mean() - mean) < 4 * dev / len(x) ** 0.5 and abs(sample.std() / dev - 1) < 0.05, \
            f"sampled: {name}, mu {mu}: mean {sample.mean():.5f}, deviation {sample.std():.5f} of {len(x)} samples"
        print(f"table: mu {mu}, {name}: bias {abs(mean / kl - 1):.4f}, deviation {dev / kl:.2f}, in units of the true KL")
logr = 0.1 * x - 0.005                           # mu = 0.1: k1 is negative where x > 0.05
below = [(k(logr) < 0).mean() for k in (k1, k3)]
assert abs(below[0] - erfc(0.05 / 2**0.5) / 2) < 0.002 and below[1] == 0, f"sign: negative samples {below}"
print("sign: close to half of the k1 samples are negative, no k3 sample is")

torch.manual_seed(0)
z = torch.randn(5, dtype=torch.float64, requires_grad=True)  # a policy over 5 actions, every action enumerated
ref = torch.randn(5, dtype=torch.float64).log_softmax(0)


def grad(loss):
    return torch.autograd.grad(loss, z)[0]


def as_loss(k):                                  # the expected gradient when samples of the policy carry loss k
    logq = z.log_softmax(0)
    return grad((logq.exp().detach() * k(ref - logq)).sum())


logq = z.log_softmax(0)
reverse = grad((logq.exp() * (logq - ref)).sum())            # d KL(policy || ref)
forward = grad(-(ref.exp() * z.log_softmax(0)).sum())        # d KL(ref || policy)
g1, g2, g3 = (as_loss(k) for k in (k1, k2, lambda r: r.exp() - 1 - r))
assert g1.abs().max() < 1e-15 < 0.1 < reverse.abs().max(), f"grad-k1: {g1.abs().max():.0e}: the score has mean zero"
assert torch.allclose(g2, reverse, atol=1e-15), "grad-k2: must be the gradient of the reverse KL"
assert torch.allclose(g3, forward, atol=1e-15) and not torch.allclose(g3, reverse, atol=0.01), "grad-k3: forward KL"
print("grad-k1: zero; grad-k2: the gradient of KL(policy || ref); grad-k3: the gradient of KL(ref || policy)")


def as_reward(k):                                # k enters as a number: only the score function is differentiated
    logq = z.log_softmax(0)
    return grad((logq.exp() * k(ref - logq).detach()).sum())


rewards = [as_reward(k) for k in (k1, k2, lambda r: r.exp() - 1 - r)]
off = [((g - reverse).norm() / reverse.norm()).item() for g in rewards]
assert off[0] < 1e-12 and [round(100 * o) for o in off] == [0, 46, 109], f"in-reward: k1 off by {off[0]:.0%}, k2 by {off[1]:.0%}, k3 by {off[2]:.0%}"
print(f"in-reward: k1 as a reward gives the gradient; k2 is off by {off[1]:.0%}, k3 by {off[2]:.0%}")

f64 = dict(dtype=torch.float64)                              # two tokens of 3: every sequence enumerated
a, b = torch.randn(3, 1, **f64, requires_grad=True), torch.randn(3, 3, **f64, requires_grad=True)
ref_a, ref_b = torch.randn(3, 1, **f64).log_softmax(0), torch.randn(3, 3, **f64).log_softmax(1)
u, v = a.log_softmax(0) - ref_a, b.log_softmax(1) - ref_b    # log-ratios of token 1, of token 2 given token 1
pi = (a.log_softmax(0) + b.log_softmax(1)).exp()             # (3, 3) probability of each sequence
grads = lambda loss: torch.cat([g.flatten() for g in torch.autograd.grad(loss, (a, b), retain_graph=True)])
exact = grads((pi * (u + v)).sum())
whole, tokens = (grads((pi.detach() * loss).sum()) for loss in ((u + v) ** 2 / 2, u**2 / 2 + v**2 / 2))
assert torch.allclose(whole, exact, atol=1e-14), "sequence-k2: the log-ratio of the whole sequence gives the gradient"
gap = ((tokens - exact).norm() / exact.norm()).item()
assert 0.275 < gap < 0.285, f"token-k2: k2 summed token by token is off by {gap:.0%} of the gradient"
print(f"token-k2: exact with the log-ratio of the sequence, off by {gap:.0%} when summed token by token")
