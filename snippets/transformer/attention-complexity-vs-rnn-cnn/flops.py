"""FLOPs of one layer of width d on n tokens, counted on real modules: self-attention, recurrence, convolution."""
import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

torch.manual_seed(0)


class Attention(nn.Module):
    def __init__(self, d, h=8):
        super().__init__()
        self.h, self.qkv, self.out = h, nn.Linear(d, 3 * d, bias=False), nn.Linear(d, d, bias=False)

    def forward(self, X):                                                  # X: n, d
        Q, K, V = (part.unflatten(-1, (self.h, -1)).transpose(0, 1) for part in self.qkv(X).chunk(3, -1))
        A = (Q @ K.transpose(-1, -2) / Q.shape[-1] ** 0.5).softmax(-1)     # h, n, n
        return self.out((A @ V).transpose(0, 1).flatten(-2))


class Unrolled(nn.Module):                                                 # one step after the other
    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, X):
        state = None
        for x in X:
            state = self.cell(x[None], state)
        return state


class Convolution(nn.Module):
    def __init__(self, d, k):
        super().__init__()
        self.layer = nn.Conv1d(d, d, k, padding=k // 2, bias=False)

    def forward(self, X):
        return self.layer(X.T[None])


def count(make, n, d):
    with torch.device("meta"):                                             # shapes only, no arithmetic
        layer, X = make(d), torch.empty(n, d)
        with FlopCounterMode(display=False) as counter:
            layer(X)
    return counter.get_total_flops()


# --8<-- [start:formulas]
LAYERS = {
    "attention": (lambda d: Attention(d), lambda n, d: 8 * n * d * d + 4 * n * n * d),  # 4 projections, 2 products
    "RNN": (lambda d: Unrolled(nn.RNNCell(d, d)), lambda n, d: 4 * n * d * d),          # input and state matrix
    "GRU": (lambda d: Unrolled(nn.GRUCell(d, d)), lambda n, d: 12 * n * d * d),         # three of each
    "LSTM": (lambda d: Unrolled(nn.LSTMCell(d, d)), lambda n, d: 16 * n * d * d),       # four of each
    "conv k=3": (lambda d: Convolution(d, 3), lambda n, d: 6 * n * d * d),              # 2 k n d^2
}
for name, (make, formula) in LAYERS.items():
    for n, d in ((16, 64), (64, 64), (64, 32)):
        counted = count(make, n, d)
        assert counted == formula(n, d), f"formulas: {name} takes {counted} FLOPs at n = {n}, d = {d}"
print(f"formulas: {', '.join(LAYERS)} take what the formulas say at three sizes")
# --8<-- [end:formulas]

d = 512                                                                    # of the base Transformer
cost = {name: (lambda n, f=f: f(n, d)) for name, (_, f) in LAYERS.items()}
assert cost["attention"](2 * d) == cost["LSTM"](2 * d) and cost["attention"](d) == cost["GRU"](d), "crossings: 2 d, d"
print(f"crossings: attention costs as much as an LSTM at n = 2 d = {2 * d}, as a GRU at n = d = {d}")
cheap = min(cost["attention"](n) / cost["conv k=3"](n) for n in range(1, 4096))
assert 4 / 3 < cheap < 4 / 3 + 1 / d and cost["attention"](1) > 2 * cost["RNN"](1), f"never: {cheap:.2f}"  # 4/3 + 2n/3d
print(f"never: it costs at least {cheap:.2f} times a convolution of width 3, at any n, and over 2 times a plain RNN")
for k in (5, 7, 9):
    n = (k - 4) * d // 2
    assert cost["attention"](n) == count(lambda d, k=k: Convolution(d, k), n, d), f"wide: k = {k}, n = {n}"
print("wide: it costs as much as a convolution of width k = 5, 7, 9 at n = (k - 4) d / 2")

for name, flops in cost.items():
    plt.loglog([2 ** i / d for i in range(4, 15)], [flops(2 ** i) / 2 ** i / d ** 2 for i in range(4, 15)], label=name)
plt.gca().set(xlabel="n / d", ylabel="FLOPs per token / d²")
plt.legend()
plt.savefig("flops.svg")
