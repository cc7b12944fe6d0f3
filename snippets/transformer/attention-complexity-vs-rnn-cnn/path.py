"""How many layers until the last position has seen the first? From the Jacobian of one real layer of each kind."""
import torch
from torch import nn

torch.manual_seed(0)
n, d, r = 41, 4, 17
X = torch.randn(n, d, dtype=torch.float64)


# --8<-- [start:layers]
def sees(layer):
    """Which output position depends on which input position: n, n."""
    J = torch.autograd.functional.jacobian(layer, X)                       # n, d, n, d
    return J.view(n, d, n, d).abs().amax((1, 3)) > 0


def layers(*kinds):
    """Layers until the last position depends on the first; the kinds take turns, the last one goes on."""
    reach, count = torch.eye(n, dtype=torch.bool), 0
    while not reach[-1, 0]:
        reach = (sees(kinds[min(count, len(kinds) - 1)]).double() @ reach.double()) > 0
        count += 1
        assert count <= n, f"reached: not after {count} layers"
    return count
# --8<-- [end:layers]


def convolution(dilation):
    layer = nn.Conv1d(d, d, 3, padding=dilation, dilation=dilation, dtype=torch.float64)
    return lambda X: layer(X.T[None])[0].T


def attention(window=n):
    W = torch.randn(3, d, d, dtype=torch.float64)
    far = (torch.arange(n)[:, None] - torch.arange(n)).abs() > window
    return lambda X: ((X @ W[0]) @ (X @ W[1]).T).masked_fill(far, -torch.inf).softmax(-1) @ (X @ W[2])


rnn = nn.RNN(d, d, dtype=torch.float64)
found = {"self-attention": layers(attention()), f"window of {r}": layers(attention(r // 2)),
         "convolution of width 3": layers(convolution(1)),
         "dilated by 1, 3, 9, 27": layers(*(convolution(3 ** i) for i in range(4))),
         "RNN": layers(lambda X: rnn(X)[0])}
for name, count in found.items():
    print(f"layers: {name}: {count}")
assert found["self-attention"] == found["RNN"] == 1, "one-layer: attention, and an RNN, though after 40 steps"
assert found["convolution of width 3"] == n - 1, f"stack: {n - 1} layers, a position further with each"
assert found["dilated by 1, 3, 9, 27"] == 4 and (3 ** 4 - 1) // 2 == n - 1, "dilated: (3^4 - 1) / 2 = 40 positions"
assert found[f"window of {r}"] == 2 * (n - 1) / (r - 1) == 5, "window: 2 (n - 1) / (r - 1) = 5 layers"
