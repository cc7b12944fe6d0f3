"""Refutes: clipping cures vanishing gradients too. And what torch's two clipping functions do."""
import torch
from torch.nn.utils import clip_grad_norm_, clip_grad_value_


# --8<-- [start:clip]
def grads(*values):
    ps = [torch.nn.Parameter(torch.zeros(len(v))) for v in values]
    for p, v in zip(ps, values):
        p.grad = torch.tensor(v)
    return ps, lambda: torch.cat([p.grad for p in ps])


g = torch.tensor([3.0, 4.0, 0.0, 12.0])              # two parameters, (3, 4) and (0, 12); global norm 13
ps, flat = grads([3.0, 4.0], [0.0, 12.0])
returned = clip_grad_norm_(ps, 1.0)                  # one factor for all: max_norm / (13 + 1e-6)
by_norm = flat()
ps, flat = grads([3.0, 4.0], [0.0, 12.0])
clip_grad_value_(ps, 1.0)                            # each element on its own
by_value = flat()
# --8<-- [end:clip]
cos = lambda a, b: torch.cosine_similarity(a, b, dim=0).item()
assert returned == 13, f"returned: {returned:.0f}, the norm BEFORE clipping"
assert 0.9999 < by_norm.norm() <= 1 and cos(by_norm, g) > 1 - 1e-6, f"direction: {by_norm.tolist()} is parallel to the gradient"
assert by_value.tolist() == [1, 1, 0, 1], f"elements: {by_value.tolist()}"
assert cos(by_value, g) < 0.9 and by_value.norm() > 1.5, f"by-value: cosine {cos(by_value, g):.2f}, norm {by_value.norm():.2f}"
print(f"returned: {returned:.0f}, the norm before clipping; direction: kept, norm now {by_norm.norm():.4f}")
print(f"by-value: {by_value.int().tolist()}, cosine {cos(by_value, g):.2f} with the gradient, norm {by_value.norm():.2f}")

ps, flat = grads([1.0, 2.0], [float("inf"), 4.0])
clip_grad_norm_(ps, 1.0)                             # factor 1 / inf = 0: finite entries 0, inf * 0 = nan
assert flat().isnan().sum() == 1 and flat().nan_to_num().abs().sum() == 0, f"nonfinite: {flat().tolist()}"
print(f"nonfinite: one inf in the gradient leaves {flat().tolist()} and raises nothing by default")
try:
    clip_grad_norm_(grads([float("nan")])[0], 1.0, error_if_nonfinite=True)
    raised = False
except RuntimeError:
    raised = True
assert raised, "raises: error_if_nonfinite=True refuses"

torch.manual_seed(0)
net = [torch.nn.Linear(64, 64) for _ in range(20)]   # 20 sigmoid layers with torch's default initialisation
h = torch.randn(8, 64)
for layer in net:
    h = torch.sigmoid(layer(h))
h.square().mean().backward()
total = clip_grad_norm_([p for l in net for p in l.parameters()], 1.0)
first = net[0].weight.grad.clone()
for l in net:                                        # make clipping bite: scale the loss until the norm is 10
    for p in l.parameters():
        p.grad *= 10 / total
ratio = lambda: (net[0].weight.grad.norm() / net[-1].weight.grad.norm()).item()
before = ratio()
bitten = clip_grad_norm_([p for l in net for p in l.parameters()], 1.0)
after = torch.cat([p.grad.flatten() for l in net for p in l.parameters()]).norm()
assert abs(bitten - 10) < 1e-3 and abs(after - 1) < 1e-3, f"bites: global norm {bitten:.2f} before, {after:.2f} after"
assert abs(ratio() / before - 1) < 1e-4 and before < 1e-10, f"ratio: first / last layer {before:.0e} before, {ratio():.0e} after"
print(f"ratio: first layer / last layer {before:.0e}, the same before and after clipping")
claimed = (first / first.norm()).norm().item()       # what lifting the first layer to max_norm would give
actual = first.norm().item()                         # what clipping left there
print(f"claimed {claimed:.0f}, actual {actual:.0e}: norm of the first layer's gradient after clipping")
assert actual < 1e-10 * claimed, f"not-clip: {actual:.0e} stays, clipping never scales up"
