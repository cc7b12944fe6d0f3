"""All weights zero, all weights equal: which gradients are left, step by step, in a small MLP."""
import torch
import torch.nn as nn

torch.set_default_dtype(torch.float64)
g = torch.Generator().manual_seed(0)
X, Y = torch.randn(64, 5, generator=g), torch.randn(64, 3, generator=g)      # 64 samples, 5 inputs, 3 outputs


# --8<-- [start:zero]
def mlp(act, weight, bias=0.0):
    """5 -> 8 -> 8 -> 8 -> 3; every weight and every bias is set by the two arguments."""
    net = nn.Sequential(nn.Linear(5, 8), act(), nn.Linear(8, 8), act(), nn.Linear(8, 8), act(), nn.Linear(8, 3))
    for name, p in net.named_parameters():
        value = weight if name.endswith("weight") else bias
        nn.init.constant_(p, value) if value != "random" else nn.init.normal_(p, std=0.3, generator=g)
    return net


loss = lambda net: (net(X) - Y).square().mean()


def train(net, steps, lr=0.5):
    """Gradient descent; returns the gradients of the last step by name."""
    for _ in range(steps):
        net.zero_grad()
        loss(net).backward()
        with torch.no_grad():
            for p in net.parameters():
                p -= lr * p.grad
    return {n: p.grad for n, p in net.named_parameters()}
# --8<-- [end:zero]


alive = lambda grads: [n for n, x in grads.items() if x.abs().max() > 0]
for act in (nn.ReLU, nn.Tanh):
    net = mlp(act, 0.0)
    first, last = alive(train(net, 1)), alive(train(net, 200))
    weights = max(p.abs().max().item() for n, p in net.named_parameters() if n.endswith("weight"))
    assert first == last == ["6.bias"], f"dead: {act.__name__}: {first}, then {last}"
    assert weights == 0, f"stays-zero: {act.__name__}: largest weight {weights} after 201 steps"
    assert torch.allclose(net[6].bias, Y.mean(0)), "mean-only: the last bias becomes the mean of the labels"
print("dead: ReLU and tanh: of 8 parameter tensors, 1 has a gradient, the last bias, now and after 200 steps")
net = mlp(nn.Sigmoid, 0.0)
steps = [train(net, 1, lr=0.1) for _ in range(4)]
waking = [len([n for n in alive(grads) if n.endswith("weight")]) for grads in steps]
assert waking == [1, 2, 3, 4], f"sigmoid: weight matrices with a gradient in steps 1 to 4: {waking}"
print(f"sigmoid: weight matrices with a gradient in steps 1, 2, 3, 4: {waking}")
faint = steps[-1]["0.weight"].abs().max().item()
assert 0 < faint < 1e-13, f"faint: the first layer's largest gradient is {faint:.0e}"
train(net, 300)
best = (Y - Y.mean(0)).square().mean().item()    # of all outputs that don't look at the input
assert abs(loss(net).item() - best) < 1e-9, f"constant: loss {loss(net):.6f}, of the best constant {best:.6f}"
print("faint: the first layer's largest gradient when it wakes is below 1e-13; 300 steps on, the loss is a constant's")


def distinct(net):                               # different neurons (rows) in each of the three hidden layers
    return [net[i].weight.detach().numpy().round(9).tolist() for i in (0, 2, 4)]


count = lambda net: [len({tuple(r) for r in rows}) for rows in distinct(net)]
equal = mlp(nn.Tanh, 0.1)
start = loss(equal).item()
train(equal, 300)
assert loss(equal) < start - 0.01, f"learns: from {start:.3f} to {loss(equal):.3f}, with 8 times the same neuron"
assert count(net) == count(equal) == [1, 1, 1], f"twins: different neurons in a hidden layer {count(net)}, {count(equal)}"
print("twins: after 300 steps 1 different neuron of 8 in every hidden layer, from zero (sigmoid) or 0.1 (tanh)")
broken = mlp(nn.Tanh, 0.0, bias="random")
train(broken, 300)
assert count(broken) == [8, 8, 8], f"bias: {count(broken)} different neurons"
print("bias: all weights zero but random biases: 8 different neurons of 8 after 300 steps")
