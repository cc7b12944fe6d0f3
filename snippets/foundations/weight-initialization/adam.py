"""Adam from all zero: twins for hundreds of steps, until it has magnified a rounding that differs."""
import torch
import torch.nn as nn

torch.set_default_dtype(torch.float64)
g = torch.Generator().manual_seed(0)
data = lambda: (torch.randn(64, 5, generator=g), torch.randn(64, 3, generator=g))    # 64 samples, 5 inputs, 3 outputs


# --8<-- [start:adam]
def adam(x, y, steps, far=float("inf")):
    """From all zero: the last loss, and how far apart two neurons of a layer are."""
    net = nn.Sequential(nn.Linear(5, 8), nn.Sigmoid(), nn.Linear(8, 8), nn.Sigmoid(),
                        nn.Linear(8, 8), nn.Sigmoid(), nn.Linear(8, 3))
    for p in net.parameters():
        nn.init.zeros_(p)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (net(x) - y).square().mean()
        loss.backward()
        optimizer.step()
        apart = max((net[i].weight - net[i].weight[0]).abs().max().item() for i in (0, 2, 4))
        if apart > far:
            break
    return loss.item(), apart
# --8<-- [end:adam]


x, y = data()
last, apart = adam(x, y, 300)
best = (y - y.mean(0)).square().mean().item()    # of all outputs that don't look at the input
assert last < best - 0.05 and best < y.square().mean(), f"adam: loss {last:.3f}, of the best constant {best:.3f}"
assert apart < 1e-6, f"adam-twins: two neurons of a layer differ by {apart:.0e}"
print(f"adam: 300 steps from zero with sigmoid: loss {last:.2f}, of the best constant {best:.2f}")
print("adam-twins: all neurons of a layer are the same after 300 steps but for rounding, below 1e-6")
far = 0.0
for _ in range(6):                               # other data, until rounding, magnified at each step, parts the twins
    far = max(far, adam(*data(), 1500, far=0.1)[1])
    if far > 0.1:
        break
assert far > 0.1, f"adam-apart: on six sets of data two neurons of a layer differ by {far:.0e} at most"
print("adam-apart: on one of six sets of data they are more than 0.1 apart within 1500 steps")
