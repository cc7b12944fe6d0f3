"""Refutes: a NaN means the learning rate is too large. Divergence it is; 0/0 breaks at any rate, even at zero."""
import numpy as np

np.seterr(all="ignore")
one = np.float32(1)


def diverging(w):                                        # loss 5 w^2: stable below a learning rate of 2 / 10
    return 10 * w


def no_label(w):                                         # the mean over the labels of a batch that has none
    return w * np.zeros(0, np.float32).sum() / np.float32(0)


def masked_row(w):                                       # softmax over a row of nothing but -inf
    z = np.full(2, -np.inf, np.float32)
    return w * (np.exp(z - z.max()) / np.exp(z - z.max()).sum())[0]


def norm_at_zero(w):                                     # gradient of sqrt(x^2) = |x| at x = 0, by the chain rule
    x = 0 * w
    return x / np.abs(x)


# --8<-- [start:run]
def first_bad_step(grad, lr, steps=1000):
    w = one
    for step in range(1, steps + 1):
        w = w - np.float32(lr) * grad(w)
        if not np.isfinite(w):
            return step
    return None                                          # it ran through
# --8<-- [end:run]


CAUSES = (diverging, no_label, masked_row, norm_at_zero)
RATES = (0.3, 0.1, 1e-6, 0.0)
when = {f.__name__: {lr: first_bad_step(f, lr) for lr in RATES} for f in CAUSES}
for name, steps in when.items():
    print(f"{name:13}" + "".join(f" lr {lr:g}: {'fine' if s is None else f'step {s}'}" for lr, s in steps.items()))
# w is multiplied by 1 - 0.3 * 10 = -2 a step; fp32 ends at 2^128, and the gradient 10 w is past it once |w| = 2^125
assert list(when["diverging"].values()) == [126, None, None, None], f"diverging: not finite at step {when['diverging'][0.3]}, fine at 0.1 and below"
print(f"diverging: at 0.3 not finite at step {when['diverging'][0.3]}, at 0.1 and below fine")
claimed = sum(when[f.__name__][0.0] is not None for f in CAUSES[:1])      # what the one case where it is right predicts
actual = sum(when[f.__name__][0.0] is not None for f in CAUSES)
print(f"claimed {claimed}, actual {actual} of {len(CAUSES)} causes still break with the learning rate at 0")
assert claimed == 0 < actual == 3, f"not-lr: {actual} of {len(CAUSES)} still break at a learning rate of 0"
print(f"not-lr: {actual} of {len(CAUSES)} still break at a learning rate of 0")
others = [s for name, steps in when.items() if name != "diverging" for s in steps.values()]
assert set(others) == {1}, f"first-step: {others}"
print("first-step: these break at step 1 whatever the rate, and 0 times NaN makes the weight NaN too")
