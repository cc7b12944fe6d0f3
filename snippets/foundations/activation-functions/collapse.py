"""Without a nonlinearity depth adds nothing: the layers multiply out into one matrix."""
import torch
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
layers = [nn.Linear(6, 6) for _ in range(5)]
deep, bent = nn.Sequential(*layers), nn.Sequential(*[m for layer in layers for m in (layer, nn.GELU())])
A, c = torch.eye(6), torch.zeros(6)
for layer in layers:                                             # compose y = A x + c
    A, c = layer.weight @ A, layer.weight @ c + layer.bias
x = torch.randn(100, 6)
assert torch.allclose(deep(x), x @ A.T + c), "one-matrix: five linear layers are one"
x1 = torch.cat([x, torch.ones(100, 1)], 1)
rest = lambda y: (x1 @ torch.linalg.lstsq(x1, y).solution - y).abs().max().item()        # what no affine map can fit
assert rest(deep(x)) < 1e-9 < 1e-4 < rest(bent(x)), f"bent: with GELU in between the best affine map is off by {rest(bent(x)):.1e}"
print("one-matrix: five linear layers equal one matrix and one bias")
print("bent: with GELU in between no affine map reproduces the network")
