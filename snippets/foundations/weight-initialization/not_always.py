"""Refutes: no parameter may ever start at zero."""
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
g = torch.Generator().manual_seed(0)
X = torch.randn(200, 4, generator=g)
y = (X @ torch.tensor([2.0, -1, 0, 1]) + torch.randn(200, generator=g) > 0).double()


def fit(w, hidden=None, steps=400, lr=4.0):
    """Logistic regression (hidden None), or the same with a tanh layer of zeros in front; the loss at the end."""
    ps = [w] if hidden is None else [hidden, w]
    ps = [p.clone().requires_grad_() for p in ps]
    model = lambda: X @ ps[0] if hidden is None else torch.tanh(X @ ps[0]) @ ps[1]
    for _ in range(steps):
        loss = F.binary_cross_entropy_with_logits(model(), y)
        for p, d in zip(ps, torch.autograd.grad(loss, ps)):
            p.data -= lr * d
    return loss.item()


start = F.binary_cross_entropy_with_logits(torch.zeros(200), y).item()
random = [fit(torch.randn(4, generator=g) * 3) for _ in range(5)]            # convex: every start ends in one place
assert max(random) - min(random) < 1e-9, f"convex: the five ends differ by {max(random) - min(random):.1e}"
claimed = fit(torch.zeros(8), torch.zeros(4, 8))                 # what happens to a zero MLP, said of everything
actual = fit(torch.zeros(4))                                     # logistic regression from zero
print(f"start: loss {start:.3f}; five random starts of logistic regression all end at {random[0]:.3f}")
print(f"claimed {claimed:.3f}, actual {actual:.3f} from zero")
assert claimed == start and abs(actual - random[0]) < 1e-9, f"not-always: {claimed:.3f} claimed, {actual:.3f} reached"
