"""Refutes: L1 is sparse because the Laplace prior believes that weights are exactly zero. Only the modes are zero."""
import torch
from torch.distributions import Laplace, Normal

torch.set_default_dtype(torch.float64)
sigma, b, tau = 0.8, 0.5, 1.2                    # noise; scale of the Laplace prior; deviation of the Gaussian prior
w = torch.arange(-40000, 40001) / 10000          # grid over the weight, zero included


def posterior(z, prior):
    """Log density over w, up to a constant, after one observation z = w + noise."""
    return Normal(w, sigma).log_prob(torch.tensor(z)) + prior.log_prob(w)


soft = lambda z, lam: max(abs(z) - lam, 0) * (1 if z > 0 else -1)
for z in (-3.0, -1.0, 0.4, 1.0, 2.5):            # the mode is the penalised estimate
    laplace, gauss = (w[posterior(z, p).argmax()].item() for p in (Laplace(0.0, b), Normal(0.0, tau)))
    assert abs(laplace - soft(z, sigma**2 / b)) < 2e-4, f"map-l1: mode {laplace} with lambda = sigma^2 / b"
    assert abs(gauss - z / (1 + sigma**2 / tau**2)) < 2e-4, f"map-l2: mode {gauss} with lambda = sigma^2 / tau^2"
print(f"map-l1: the mode under a Laplace prior is the L1 estimate, lambda = sigma^2 / b = {sigma**2 / b:.2f}")
print(f"map-l2: the mode under a Gaussian prior is the L2 estimate, lambda = sigma^2 / tau^2 = {sigma**2 / tau**2:.2f}")

torch.manual_seed(0)
prior = Laplace(0.0, b)
draws = prior.sample((1_000_000,))               # true weights from the prior, observed through noise, estimated with L1
z = draws + sigma * torch.randn(1_000_000)
modes = z.sign() * (z.abs() - sigma**2 / b).clamp_min(0)
claimed, actual = ((x == 0).double().mean().item() for x in (modes, draws))     # zeros among the estimates; in the prior
lam = torch.tensor(sigma**2 / b)                 # exact share: the noise takes the observation into [-lam, lam]
inside = Normal(w, sigma).cdf(lam) - Normal(w, sigma).cdf(-lam)
share = ((prior.log_prob(w).exp() * inside).sum() / prior.log_prob(w).exp().sum()).item()
assert abs(claimed - share) < 0.002, f"share: {claimed:.3f} of the estimates are zero, {share:.3f} derived"
density = (posterior(1.0, prior) - posterior(1.0, prior).max()).exp()
mean = ((density * w).sum() / density.sum()).item()
mode = w[density.argmax()].item()
sampled = draws[(z - 1).abs() < 0.05].mean().item()          # the true weights behind observations near 1
assert mode == 0 and abs(mean - sampled) < 0.02, f"mean: mode {mode:g}, mean {mean:.2f}; {sampled:.2f} among the draws with z near 1"
print(f"mean: after observing z = 1 the mode is {mode:g}, the mean is {mean:.2f}")
print(f"claimed {claimed:.0%}, actual {actual:.0%}: share of exact zeros that the prior is said to believe in, and that it has")
print(f"not-prior: {claimed:.0%} of the L1 estimates are zero, {actual:.0%} of the weights drawn from the prior")
assert actual < 1e-5 and claimed > 0.5, f"not-prior: {claimed:.3f} of the estimates, {actual:.1e} of the draws"
