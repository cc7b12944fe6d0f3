"""Xavier by enumeration: every sign pattern of a small weight matrix, so the averages are exact."""
from itertools import product
from math import sqrt
import numpy as np
import torch
from torch.nn import init

# --8<-- [start:xavier]
def average(f, sigma, n_out, n_in):
    """Exact mean of f(W) over all W with independent entries +-sigma (mean 0, variance sigma^2)."""
    signs = product((-sigma, sigma), repeat=n_out * n_in)
    return np.mean([f(np.reshape(s, (n_out, n_in))) for s in signs])


ms = lambda v: np.mean(v ** 2)                                   # mean square of the entries of a vector


def factors(var, n_in=5, n_out=2):
    """By what one linear layer multiplies the mean square, forward (y = W x) and backward (W^T g)."""
    x, g = np.arange(1.0, n_in + 1), np.arange(-3.0, n_out - 3)  # (n_in,) input; (n_out,) gradient at the output
    forward = average(lambda W: ms(W @ x), sqrt(var), n_out, n_in) / ms(x)
    return forward, average(lambda W: ms(W.T @ g), sqrt(var), n_out, n_in) / ms(g)
# --8<-- [end:xavier]


n_in, n_out = 5, 2
fwd, bwd = factors(1 / n_in)
assert abs(fwd - 1) < 1e-9 and abs(bwd - n_out / n_in) < 1e-9, f"fan-in: {fwd:.2f} forward, {bwd:.2f} backward"
print(f"fan-in: with Var W = 1/n_in a 5 -> 2 layer gives {fwd:.2f} forward, {bwd:.2f} backward")
fwd, bwd = factors(1 / n_out)
assert abs(bwd - 1) < 1e-9 and abs(fwd - n_in / n_out) < 1e-9, f"fan-out: {fwd:.2f} forward, {bwd:.2f} backward"
print(f"fan-out: with Var W = 1/n_out {fwd:.2f} forward, {bwd:.2f} backward")
fwd, bwd = factors(2 / (n_in + n_out))
assert fwd > 1 > bwd and abs(fwd + bwd - 2) < 1e-9, f"compromise: {fwd:.2f} and {bwd:.2f}, mean 1"
print(f"compromise: with 2/(n_in + n_out) {fwd:.2f} forward, {bwd:.2f} backward; their mean is {(fwd + bwd) / 2:.2f}")
up, down = factors(2 / 5, 1, 4), factors(2 / 5, 4, 1)            # an FFN without activation: d -> 4 d -> d, d = 1
assert all(abs(u * v - 0.64) < 1e-9 for u, v in zip(up, down)), f"ffn: {up} and {down}"
print(f"ffn: forward {up[0]:.1f} x {down[0]:.1f} = {up[0] * down[0]:.2f}, backward {up[1]:.1f} x {down[1]:.1f}")

torch.manual_seed(0)
W = torch.empty(3072, 768)                                       # c_fc of GPT-2 small: 768 -> 3072
uniform, normal = init.xavier_uniform_(W).clone(), init.xavier_normal_(W).clone()
std, bound = sqrt(2 / (768 + 3072)), sqrt(6 / (768 + 3072))
assert all(abs(v.std() / std - 1) < 0.005 for v in (uniform, normal)), f"torch: {uniform.std():.4f}, {normal.std():.4f}"
assert 0.999 * bound < uniform.abs().max() <= bound, f"bound: {uniform.abs().max():.4f}"
assert normal.abs().max() > 4 * std, f"tails: the Gaussian reaches {normal.abs().max():.3f}"
print(f"torch: 768 -> 3072: std {uniform.std():.4f} with xavier_uniform_, {normal.std():.4f} with xavier_normal_")
print(f"bound: the uniform one ends at {uniform.abs().max():.4f}, sqrt(3) = {bound / std:.2f} times the std")
