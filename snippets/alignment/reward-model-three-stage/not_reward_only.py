"""Refutes: the more reward, the better the policy. Follows the optimum of reward minus beta KL as beta falls, exactly."""
import matplotlib.pyplot as plt
import numpy as np

gold = np.array([0.0, 0.5, 1.0, 1.5, -3.0])                                  # what people think of five responses
proxy = np.array([0.0, 0.5, 1.0, 1.5, 2.0])                                  # the reward model: wrong on the last alone
ref = np.array([0.4, 0.3, 0.2, 0.0999, 0.0001])                              # which SFT hardly ever writes


def tilt(ref, proxy, strength):
    """The optimum ref exp(r / beta) / Z; strength is 1 / beta."""
    logits = np.log(ref) + strength * proxy
    return np.exp(logits - np.logaddexp.reduce(logits))


mean = lambda p, x: np.average(x, weights=p)
cov = lambda p, x, y: mean(p, x * y) - mean(p, x) * mean(p, y)
rng, h = np.random.default_rng(0), 1e-4
for _ in range(500):                                                         # the law, on any rewards
    p0, r, g, s = rng.dirichlet(np.ones(8)), *rng.standard_normal((2, 8)), rng.uniform(0, 5)
    slope = [(mean(tilt(p0, r, s + h), x) - mean(tilt(p0, r, s - h), x)) / (2 * h) for x in (r, g)]
    p = tilt(p0, r, s)
    assert abs(slope[0] - cov(p, r, r)) < 1e-5 and slope[0] >= 0, f"proxy-rises: slope {slope[0]} is a variance"
    assert abs(slope[1] - cov(p, g, r)) < 1e-5, f"gold-law: slope {slope[1]} is the covariance of gold and proxy"
print("proxy-rises: its slope along 1 / beta is its variance; gold-law: gold's is the covariance of the two")

w = np.outer(ref, ref)[np.triu_indices(5, 1)]                                # how often SFT writes each pair
i, j = np.triu_indices(5, 1)
right = (gold[i] > gold[j]) == (proxy[i] > proxy[j])
assert (w * right).sum() / w.sum() > 0.9995 and right.sum() == 6, f"accuracy: {100 * (w * right).sum() / w.sum():.2f} % of what SFT writes"
print(f"accuracy: the reward model is right on {100 * (w * right).sum() / w.sum():.2f} % of the pairs that SFT writes")

strengths = np.linspace(0, 40, 4001)
policies = [tilt(ref, proxy, s) for s in strengths]
G, R = (np.array([mean(p, x) for p in policies]) for x in (gold, proxy))
KL = np.array([mean(p, np.log(p / ref)) for p in policies])
peak = G.argmax()
slopes = np.array([cov(p, gold, proxy) for p in policies])
assert (np.diff(G[:peak + 1]) > 0).all() and (np.diff(G[peak:]) < 0).all() and np.diff(R).min() > 0, f"turn: one peak, at {G[peak]:.2f}"
assert slopes[:peak].min() > 0 > slopes[peak + 1:].max() and abs(KL[-1] + np.log(ref[-1])) < 1e-3, f"where: gold turns where the covariance does, {slopes[peak - 1:peak + 2]}"
print(f"turn: gold goes from {G[0]:.2f} up to {G[peak]:.2f} at KL = {KL[peak]:.1f}, then down to {G[-1]:.2f} at KL = {KL[-1]:.1f}")
claimed, actual = G.max(), G[R.argmax()]                                     # if the most reward were the best policy
print(f"claimed {claimed:.2f}, actual {actual:.2f}: gold reward of the policy with the most proxy reward")
assert actual < G[0] < claimed - 0.5, f"not-reward-only: {actual:.2f}, not {claimed:.2f}"

fig, ax = plt.subplots(figsize=(6, 3.4))
ax.plot(KL, R, label="proxy: expected score of the reward model")
ax.plot(KL, G, label="gold: what people think")
ax.axvline(KL[peak], ls=":", color="grey")
ax.set(xlabel="KL(policy || SFT), nats", ylabel="expected reward")
ax.legend(frameon=False)
fig.savefig("overoptimization.svg", transparent=True)
