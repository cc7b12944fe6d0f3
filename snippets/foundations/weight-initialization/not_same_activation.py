"""Refutes: equal activations in the first forward pass are what makes the neurons equal for ever."""
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
g = torch.Generator().manual_seed(0)
X, Y = torch.randn(64, 5, generator=g), torch.randn(64, 1, generator=g)


def neurons(W1, W2, steps=200, lr=0.5):
    """Two layers of sigmoid network; distinct activations in the first pass, distinct neurons after training."""
    W1, W2 = W1.clone().requires_grad_(), W2.clone().requires_grad_()
    first = len(set((X @ W1.T).sigmoid()[0].tolist()))           # (8,) activations of one sample
    for _ in range(steps):
        loss = ((X @ W1.T).sigmoid() @ W2.T - Y).square().mean()
        for p, d in zip((W1, W2), torch.autograd.grad(loss, (W1, W2))):
            p.data -= lr * d
    return first, len({tuple(r) for r in W1.detach().numpy().round(9).tolist()})


zero, random = torch.zeros(8, 5), torch.randn(1, 8, generator=g)
same_first, same_after = neurons(zero, torch.zeros(1, 8))        # everything zero
first, actual = neurons(zero, random)                            # only the output weights are random
apart, _ = neurons(torch.randn(8, 5), random)                    # for comparison: random hidden weights
assert same_first == first == 1 < apart == 8, f"same-first: {same_first} and {first} different activations in the first pass, not {apart}"
print(f"same-first: in the first pass {first} different activation among 8 neurons, in both networks")
claimed = same_after if first == 1 else 8                        # same first pass, so the same fate
print(f"claimed {claimed}, actual {actual} different neurons after 200 steps")
assert claimed == 1 and actual == 8, f"not-same-activation: {claimed} neuron if all is zero, {actual} if W2 is random"
