"""Is one network without dropout the average of all thinned networks? All 2^d of them, for one layer and for two."""
import itertools
import torch

torch.set_default_dtype(torch.float64)
d, hidden, V, p = 8, 16, 5, 0.5
M = torch.tensor(list(itertools.product([0.0, 1.0], repeat=d)))          # (256, d) every mask of the input
tv = lambda a, b: (a - b).abs().sum().item() / 2                         # total variation


# --8<-- [start:average]
def averages(net, x, p=p):
    """Geometric and arithmetic mean of the predictions of all thinned networks, and the full network's."""
    prob = torch.where(M > 0, 1 - p, p).prod(1)                          # (256,)
    logq = net(x * M / (1 - p)).log_softmax(-1)                          # (256, V)
    return (prob @ logq).softmax(-1), prob @ logq.exp(), net(x).softmax(-1)
# --8<-- [end:average]


gaps = {"one": [], "two": [], "one-arithmetic": []}
for seed in range(50):
    torch.manual_seed(seed)
    x, W = torch.randn(d), torch.randn(d, V)
    W1, W2 = torch.randn(d, hidden) / d**0.5, torch.randn(hidden, V) / hidden**0.5
    for q in (0.5, 0.1):
        geometric, arithmetic, full = averages(lambda x: x @ W, x, q)
        assert tv(geometric, full) < 1e-12, f"one-layer: {tv(geometric, full):.1e} apart with p = {q}"
    geometric, arithmetic, full = averages(lambda x: x @ W, x)
    gaps["one-arithmetic"].append(tv(arithmetic, full))
    geometric, _, full = averages(lambda x: torch.relu(x @ W1) @ W2, x)
    gaps["two"].append(tv(geometric, full))
    geometric, _, full = averages(lambda x: x @ W1 @ W2, x)
    assert tv(geometric, full) < 1e-12, f"linear: two layers without ReLU, {tv(geometric, full):.1e} apart"
least, mean = min(gaps["one-arithmetic"]), sum(gaps["one-arithmetic"]) / 50
assert least > 1e-3 and 0.18 < mean < 0.24, f"arithmetic: at least {least:.4f} apart in total variation, {mean:.2f} on average"
print("one-layer: the normalised geometric mean of 256 thinned networks is the full network, for 50 random layers")
print(f"arithmetic: the arithmetic mean is not, {mean:.2f} apart on average (total variation)")
least, mean = min(gaps["two"]), sum(gaps["two"]) / 50
assert least > 1e-3 and 0.05 < mean < 0.07, f"two-layers: at least {least:.4f}, {mean:.3f} on average"
print(f"two-layers: with a ReLU layer the geometric mean is {mean:.2f} apart on average, and never equal")
