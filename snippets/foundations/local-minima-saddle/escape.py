# bagu: seconds=60
"""Leaving strict saddles: how long one takes, and what a row of them costs without noise."""
import matplotlib.pyplot as plt
import numpy as np

eta = 0.1


# --8<-- [start:one]
def leave(y, rate, tau=1.0):
    """Gradient descent on (x^2 - y^2) / 2 near the saddle: steps until |y| > tau."""
    t = 0
    while abs(y) <= tau and t < 10**5:
        y, t = y + rate * y, t + 1
    return t


distance = 10.0 ** -np.arange(1, 13)
steps = np.array([leave(y, eta) for y in distance])
# --8<-- [end:one]
assert abs(np.diff(steps) - np.log(10) / np.log(1 + eta)).max() < 1, f"log: {np.diff(steps)} more steps for each factor of ten"
assert leave(0.0, eta) == 10**5, "exact: a start with y = 0 exactly never leaves"
print(f"log: every tenth of the distance costs {np.diff(steps).mean():.0f} more steps; y = 0 exactly never leaves")
fast = np.array([leave(y, 4 * eta) for y in distance])
print(f"rate: from 1e-6, {steps[5]} steps at lr {eta}, {fast[5]} at {4 * eta}")
assert steps[5] / fast[5] > 3, f"rate: {steps[5]} against {fast[5]} steps"


# --8<-- [start:row]
def tour(d, noise, rng, tau=1.0):
    """d saddles in a row, as in Du et al.: stage i has curvature -1 in x_i and +1 in the coordinates still to come."""
    x, total = rng.uniform(0.1, 0.5, d), 0
    for i in range(d):
        while x[i] <= tau:
            x[i] *= 1 + eta                      # the way out
            x[i + 1:] *= 1 - eta                 # meanwhile the next exits are squeezed shut
            x[i:] = abs(x[i:] + noise * rng.standard_normal(d - i))
            total += 1
    return total


rng = np.random.default_rng(0)
ds, starts = np.arange(1, 9), 20
plain = np.array([[tour(d, 0, rng) for _ in range(starts)] for d in ds])      # (8, starts)
noisy = np.array([[tour(d, 1e-3, rng) for _ in range(starts)] for d in ds])
# --8<-- [end:row]
first = np.random.default_rng(1).uniform(0.1, 0.5, 1)[0]     # a row of one saddle, without noise, is the saddle above
assert tour(1, 0, np.random.default_rng(1)) == leave(first, eta), f"one-saddle: {leave(first, eta)} steps from {first:.2f}"
growth = plain.mean(1)[1:] / plain.mean(1)[:-1]
limit = 1 - np.log(1 - eta) / np.log(1 + eta)    # each step so far squeezed the exit by 1 - eta; 1 + eta opens it
assert (growth[3:] > 1.8).all() and (abs(growth[3:] / limit - 1) < 0.25).all(), f"doubling: each further saddle costs {growth.round(2)} times"
added = np.diff(noisy.mean(1))
assert added[3:].max() < 2 * added[3:].min(), f"steady: {added.round()} steps for each further saddle"
assert noisy[-1].max() < plain[-1].min() / 5, f"noise: {noisy[-1].max()} steps, {plain[-1].min()} without"
print(f"doubling: 4 to 8 saddles take {' '.join(str(round(v)) for v in plain.mean(1)[3:])} steps without noise, "
      f"{growth[3:].min():.1f} to {growth[3:].max():.1f} times more each")
print(f"noise: with noise 0.001 they take {' '.join(str(round(v)) for v in noisy.mean(1)[3:])} steps")

fig, ax = plt.subplots(figsize=(7.2, 3.3))
ax.errorbar(ds, plain.mean(1), [plain.mean(1) - plain.min(1), plain.max(1) - plain.mean(1)], fmt="-o", ms=4,
            color="#d9622b", label="gradient descent")
ax.errorbar(ds, noisy.mean(1), [noisy.mean(1) - noisy.min(1), noisy.max(1) - noisy.mean(1)], fmt="--s", ms=4,
            color="#2a8fbd", label="with noise 0.001")
ax.set(yscale="log", xlabel="saddles in a row", ylabel="steps (20 starts: mean, range)")
ax.grid(alpha=0.3, which="both"), ax.legend(frameon=False, fontsize=8)
fig.tight_layout()
fig.savefig("escape.svg", transparent=True)
