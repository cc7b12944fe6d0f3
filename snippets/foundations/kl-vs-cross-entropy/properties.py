"""What KL guarantees, on random pairs of distributions, and where it is infinite."""
import numpy as np

rng = np.random.default_rng(0)
n, k = 4000, 6                                   # pairs, outcomes


# --8<-- [start:properties]
def KL(p, q):                                    # nats; 0 log 0 = 0, and infinite where q = 0 < p
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p > 0, p * (np.log(p) - np.log(q)), 0).sum(-1)


P, Q = rng.dirichlet(np.full(k, 0.3), (2, n)).clip(1e-12)    # (n, k) spiky distributions
P, Q = (X / X.sum(-1, keepdims=True) for X in (P, Q))
terms = P * np.log(P / Q)                        # (n, k) summands, of either sign
assert abs(P.sum(-1) - 1).max() < 1e-9 and KL(P, Q).min() > 0 > terms.min() >= -1 / np.e, f"gibbs: {KL(P, Q).min():.1e} > 0, terms reach {terms.min():.2f}"
print(f"gibbs: every one of {n} divergences is positive; no single term falls below -1/e = {-1 / np.e:.2f} nats")

TV = lambda p, q: abs(p - q).sum(-1) / 2         # total variation: the largest gap in probability of any event
pinsker = lambda p, q: KL(p, q) / (2 * TV(p, q) ** 2)        # Pinsker: KL >= 2 TV^2
coin = lambda a: np.array([a, 1 - a])
ratio, tight = pinsker(P, Q).min(), pinsker(coin(0.5), coin(0.501))
assert ratio >= 1 and abs(tight - 1) < 1e-4, f"pinsker: KL / (2 TV^2) is {ratio:.2f} or more; coins: {tight:.4f}"
print("pinsker: KL >= 2 TV^2 for every pair, and two nearly fair coins reach equality")

T = rng.dirichlet(np.ones(3), k)                 # (k, 3) any channel: outcome -> coarser outcome
lost = KL(P, Q) - KL(P @ T, Q @ T)
assert lost.min() > 0 and (lost <= KL(P, Q)).all(), f"processing: {lost.min():.1e} nats lost, never gained"
print("processing: applying one channel to both never raises their divergence")
p = np.array([0.5, 0.5 - 1e-6, 1e-6])            # one rare outcome
q = np.array([0.5, 0.5, 0.0])                    # that the model holds impossible
assert np.isinf(KL(p, q)) and KL(q, p) < 2e-6, f"infinite: {KL(p, q)} one way, {KL(q, p):.1e} the other"
print(f"infinite: {KL(p, q)} with a gap of one in a million; the other way round {KL(q, p):.0e} nats")
# --8<-- [end:properties]

JS = lambda p, q: (KL(p, (p + q) / 2) + KL(q, (p + q) / 2)) / 2
apart = JS(coin(1.0), coin(0.0))                 # no outcome in common
assert JS(P, Q).max() < np.log(2) + 1e-12 and abs(apart - np.log(2)) < 1e-12, f"js-bounded: {apart:.3f} is the most"
assert np.isinf(KL(coin(1.0), coin(0.0))), "js-against-kl: where KL is infinite"
print(f"js-bounded: at most ln 2 = {apart:.3f}, reached where nothing overlaps and KL is infinite")
