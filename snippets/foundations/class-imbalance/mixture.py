"""Imbalance in pre-training data: LLaMA's mixture (table 1) as oversampling, and sampling with a temperature."""
import numpy as np

# --8<-- [start:llama]
table = {                                        # sampling proportion, epochs over 1.4T tokens, size in GB
    "CommonCrawl": (0.670, 1.10, 3300), "C4": (0.150, 1.06, 783), "Github": (0.045, 0.64, 328),
    "Wikipedia": (0.045, 2.45, 83), "Books": (0.045, 2.23, 85), "ArXiv": (0.025, 1.06, 92),
    "StackExchange": (0.020, 1.03, 78),
}
share, epochs, size = np.array(list(table.values())).T
tokens = 1.4e12 * share / epochs                 # what each source holds, once
natural = tokens / tokens.sum()                  # its share if nothing were re-weighted
factor = share / natural                         # how far it is over- or undersampled
# --8<-- [end:llama]

assert abs(share.sum() - 1) < 1e-9, f"shares: {share.sum():.3f}"
per_token = size * 1e9 / tokens                  # a check against the disk sizes: bytes of text per token
assert (2.5 < per_token).all() and (per_token < 5).all(), f"bytes: {per_token.min():.1f} to {per_token.max():.1f}"
assert np.allclose(factor / factor[0], epochs / epochs[0]), "epochs: the factor is proportional to the epochs"
by = dict(zip(table, zip(natural, share, factor)))
for name in ("Wikipedia", "Books", "Github"):
    n, s, f = by[name]
    print(f"factor: {name} has {n:.1%} of the tokens, sampled {s:.1%}, {f:.2f} times as often as natural")
assert by["Wikipedia"][2] > 2 > 1 > by["Github"][2] and 1.9 < by["Books"][2] < 2.1, \
    f"factor: {by['Wikipedia'][2]:.2f}, {by['Books'][2]:.2f}, {by['Github'][2]:.2f}"
print(f"bytes: {per_token.min():.1f} to {per_token.max():.1f} bytes of text per token, as text should have")

# --8<-- [start:temperature]
sizes = np.array([1000.0, 1.0])                  # a large and a small language
q = {a: sizes**a / (sizes**a).sum() for a in (1.0, 0.3, 0.0)}
# --8<-- [end:temperature]
odds = {a: v[0] / v[1] for a, v in q.items()}
repeats = (q[0.3] / q[1.0])                      # how often each is seen, relative to natural sampling
assert abs(odds[1.0] - 1000) < 1e-6 and abs(odds[0.0] - 1) < 1e-9, f"limits: {odds[1.0]:.0f}, {odds[0.0]:.0f}"
assert 7.9 < odds[0.3] < 8 and repeats[1] > 100 > 1 > repeats[0], \
    f"alpha: {odds[0.3]:.1f} to 1, seen {repeats[1]:.0f} times"
print(f"alpha: 1000 to 1 becomes {odds[0.3]:.1f} to 1 with 0.3; the small one is seen {repeats[1]:.0f} times as often")
