"""Refutes: in self-attention Q = K, so one projection will do. Then no head can look one token back."""
import torch

torch.manual_seed(0)
N, HEADS = 8, 4                                                # one-hot tokens on a circle; four starts each
X, own = torch.eye(N), torch.arange(N)
back, ahead = own.roll(1), own.roll(-1)


def mean_weight(S, key, first=0):
    """Geometric mean, over the queries from `first` on, of the weight on one key each: (HEADS, N, N) -> (HEADS,)"""
    return S.log_softmax(-1)[:, own[first:], key[first:]].mean(-1).exp()


def train(shared, causal=False, first=0, steps=400, rate=5.0):
    """The previous-token heads that gradient ascent finds, for the queries from `first` on."""
    W = [torch.randn(HEADS, N, N, requires_grad=True) for _ in range(1 if shared else 2)]
    hide = torch.full((N, N), -torch.inf).triu(1) if causal else torch.zeros(N, N)
    score = lambda: (X @ W[0]) @ (X @ W[-1]).mT / N ** 0.5 + hide    # (HEADS, N, N), without hide symmetric if shared
    for _ in range(steps):
        gain = mean_weight(score(), back, first).log().sum()
        with torch.no_grad():
            for w, g in zip(W, torch.autograd.grad(gain, W)):
                w += rate * g
    return score().detach()


shared, separate = train(True), train(False)
b, a, o = (mean_weight(shared, key) for key in (back, ahead, own))
assert (b - a).abs().max() < 1e-5 and (b < o).all(), f"bound: back {b}, ahead {a}, self {o}"
print("bound: with one matrix the token before gets what the token after gets, and less than the token itself")
B = torch.diag(torch.tensor([1.0, 0.0])).softmax(-1)           # symmetric scores [[1, 0], [0, 0]]
assert B[0, 1] < 0.3 < B[1, 0] == 0.5, f"rows-break: {B[0, 1]:.2f} above the diagonal, {B[1, 0]:.2f} below"
print(f"rows-break: scores [[1, 0], [0, 0]] give weights {B[0, 1]:.2f} and {B[1, 0]:.2f} off the diagonal")
open_, masked = (mean_weight(train(True, causal, 1), back, 1).min().item() for causal in (False, True))    # no query 0
assert 0.95 < masked < 0.99, f"causal-one: {masked:.2f} with one matrix under a causal mask"
assert 0.95 < open_ < 0.99, f"open-chain: {open_:.2f} without a mask, once the first token may look anywhere"
print(f"causal-one, open-chain: one matrix reaches {masked:.2f} under a causal mask, {open_:.2f} on a chain that isn't closed")

claimed, actual = b.max().item(), mean_weight(separate, back).min().item()
print(f"claimed {claimed:.2f}, actual {actual:.2f}: weight on the token before, best of one matrix, worst of two")
assert claimed < 1 / 3 < 0.95 < actual, f"not-one-matrix: {claimed:.3f} with one matrix, {actual:.3f} with two"
