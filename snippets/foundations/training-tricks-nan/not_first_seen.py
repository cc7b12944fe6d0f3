"""Refutes: the first module with a NaN in its output has made it. It may only have been fed one by its parent's code."""
import torch
from torch.nn import Linear, Sequential

torch.manual_seed(0)
inf = float("inf")

class Ratio(Sequential):                                 # the division belongs to no child, and feeds one
    def forward(self, x):
        return super().forward((x - x) / (x - x))


class Masked(Sequential):                                # attention in miniature, with an additive mask
    def forward(self, x, mask):
        return super().forward((x @ x.T + mask).softmax(-1) @ x)


# --8<-- [start:watch]
def watch(model, filtered=True):
    """Names of the modules whose output isn't finite, in order of return; filtered: only if their inputs were sound."""
    names = []
    sound = lambda x: (x < inf).all()                    # no NaN, no +inf; -inf may stand in a mask

    def hook(name):
        return lambda m, args, kwargs, out: names.append(name or "model") if not out.isfinite().all() and (
            not filtered or all(map(sound, (*args, *kwargs.values())))) else None
    for n, m in model.named_modules():
        m.register_forward_hook(hook(n), with_kwargs=True)
    return names
# --8<-- [end:watch]


net = Sequential(Linear(4, 4), Ratio(Linear(4, 4)), Linear(4, 4))
first_seen, first_bad = watch(net, filtered=False), watch(net)
net(torch.randn(2, 4))
claimed, actual = first_seen[0], first_bad[0]
print(f"claimed {claimed}, actual {actual}: the module that divides 0 by 0 is 1, its innocent child 1.0")
assert actual == "1" and claimed != actual, f"not-first-seen: {actual}, not {claimed}"
leaves = [n for n in first_bad if n != "model" and not list(net.get_submodule(n).children())]
assert not leaves and len(first_seen) == 4, f"between: {len(leaves)} leaves named, {first_seen} look bad"
print(f"between: the filter names {len(leaves)} leaves; without it {len(first_seen)} modules look bad")

block = Masked(Linear(4, 4))
bad, x = watch(block), torch.randn(2, 4)
fine = block(x, mask=torch.tensor([[0.0, -inf], [0.0, 0.0]]))
assert not bad and fine.isfinite().all(), f"mask-ok: {bad} named, though every row has something to attend to"
block(x, mask=torch.full((2, 2), -inf))
assert bad == ["model"], f"mask: {bad} named where a row is nothing but -inf"
print("mask: -inf in an additive mask isn't taken for the fault; a row of nothing else is")
