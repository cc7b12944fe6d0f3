"""Which change of weights or data leaves the normalised output alone? Table 1 of the LayerNorm and RMSNorm papers, run."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
B, n, k = 32, 12, 10                                 # cases, inputs, neurons
X, W = torch.randn(B, n) + 1, torch.randn(k, n)      # a = X W^T, (B, k): the summed inputs of a layer

# --8<-- [start:table]
norms = {
    "BatchNorm": lambda X, W: F.batch_norm(X @ W.T, None, None, training=True, eps=1e-30),
    "WeightNorm": lambda X, W: X @ F.normalize(W, dim=1).T,      # each row of W has length 1
    "LayerNorm": lambda X, W: F.layer_norm(X @ W.T, (k,), eps=0.0),
    "RMSNorm": lambda X, W: F.rms_norm(X @ W.T, (k,), eps=0.0),
}
shift, one = torch.randn(n), torch.ones(B, 1)
one[0] = 3.0
changes = {
    "W x 3": (X, 3 * W),
    "W + 1 s^T": (X, W + shift),                     # the same vector added to every row of W
    "rows of W": (X, W * torch.linspace(0.5, 2, k)[:, None]),    # each neuron its own factor
    "X x 3": (3 * X, W),
    "X + 1 s^T": (X + shift, W),                     # the same vector added to every case
    "one x": (X * one, W),                           # one case scaled
}
same = {name: "".join("Y" if torch.allclose(f(X, W), f(*c), atol=1e-10) else "-" for c in changes.values())
        for name, f in norms.items()}
# --8<-- [end:table]
paper = {"BatchNorm": "Y-YYY-", "WeightNorm": "Y-Y---", "LayerNorm": "YY-Y-Y", "RMSNorm": "Y--Y-Y"}    # table 1 of each
for name, got in same.items():
    assert got == paper[name], f"paper: {name} {got}, published {paper[name]}"
    print(f"paper: {name:10s} {got}   ({', '.join(changes)})")
lost = [i for i in range(6) if same["LayerNorm"][i] != same["RMSNorm"][i]]
assert lost == [1], f"lost: columns {lost}, counted from 0"
print("lost: LayerNorm and RMSNorm differ in the column W + 1 s^T and in no other")


def grad(c, name):                                   # gradient of some loss in the weights, at c W
    V = (c * W).requires_grad_()
    loss = (norms[name](X, V) * torch.linspace(-1, 1, k)).tanh().sum()
    return torch.autograd.grad(loss, V)[0]


for name in norms:
    g1, g10 = grad(1.0, name), grad(10.0, name)
    assert torch.allclose(g10 * 10, g1, atol=1e-9), f"inverse: {name}: ten times the weights, a tenth of the gradient"
    radial = (g1 * W).sum().abs().item() / (g1.norm() * W.norm()).item()
    assert radial < 1e-9, f"orthogonal: {name}: the gradient is orthogonal to the weights ({radial:.0e})"
print("inverse: 10 times the weights give a gradient 10 times smaller, for all four")
print("orthogonal: the gradient is orthogonal to the weights, so a gradient step can only lengthen them")
