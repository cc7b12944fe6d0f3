"""Balancing shifts every logit by one constant. A table of p(x | y) with 6 values of x, positives are 1 %."""
from itertools import product
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
prior = torch.tensor([0.99, 0.01])                           # p(y = 0), p(y = 1)
likelihood = torch.tensor([[0.40, 0.29, 0.16, 0.10, 0.04, 0.01],     # p(x | y = 0)
                           [0.02, 0.08, 0.15, 0.20, 0.25, 0.30]])    # p(x | y = 1)
joint = prior[:, None] * likelihood                          # (2, 6) p(y, x)


# --8<-- [start:train]
def train(weight, offset=torch.zeros(2)):
    """One free pair of logits for each x, the exact expected loss, Newton-like optimisation to the minimum."""
    z = torch.zeros(6, 2, requires_grad=True)
    opt = torch.optim.LBFGS([z], max_iter=500, tolerance_grad=1e-13, tolerance_change=0, line_search_fn="strong_wolfe")

    def closure():
        opt.zero_grad()
        loss = -(weight[:, None] * joint * F.log_softmax(z + offset, -1).T).sum()
        loss.backward()
        return loss
    opt.step(closure)
    return (z[:, 1] - z[:, 0]).detach()                      # (6,) log-odds of the positive class


plain = train(torch.ones(2))
weighted = train(1 / prior / 2)                              # weights by inverse frequency
adjusted = train(torch.ones(2), offset=prior.log())          # logit-adjusted loss: cross-entropy of z + log prior
post_hoc = plain - (prior[1] / prior[0]).log()               # logit adjustment after training, nothing retrained
# --8<-- [end:train]

shift = weighted - plain
log_ratio = (prior[0] / prior[1]).log().item()               # log of the ratio of the two weights
assert (shift - log_ratio).abs().max() < 1e-3, \
    f"shift: {shift.min():.3f} to {shift.max():.3f}, log 99 = {log_ratio:.3f}"
assert (adjusted - weighted).abs().max() < 1e-3, "adjusted-loss: same logits as the weighted loss"
assert (post_hoc - weighted).abs().max() < 1e-3, "post-hoc: same logits without training again"
print(f"shift: {shift.mean():.3f} at every x = log 99 = {log_ratio:.3f}")

every = torch.tensor(list(product((0.0, 1.0), repeat=6)))    # (64, 6) every classifier there is: 1 = call it positive
recall, false_alarm = every @ likelihood[1], every @ likelihood[0]
balanced = (recall + 1 - false_alarm) / 2
accuracy = prior[1] * recall + prior[0] * (1 - false_alarm)
assert torch.allclose(balanced[[0, -1]], torch.tensor([0.5, 0.5])) and torch.allclose(accuracy[[0, -1]], prior), \
    "scale: never and always positive score as they must"
by_balance, by_accuracy = every[balanced.argmax()], every[accuracy.argmax()]
assert torch.equal((weighted > 0).double(), by_balance) and balanced.sort().values.diff()[-1] > 1e-3, \
    "bayes-balanced: the best of all 64 by balanced accuracy"
assert torch.equal((plain > 0).double(), by_accuracy), "bayes-plain: the best of all 64 by accuracy"
moved = (plain.sigmoid() > prior[1]).double()         # the plain model, threshold 0.01 instead of 0.5
assert torch.equal(moved, by_balance), "threshold: moving the threshold gives the same decisions"
rows = torch.stack([recall, balanced, accuracy], 1)
for name, c in (("bayes-plain", by_accuracy), ("bayes-balanced", by_balance)):
    r, b, a = rows[(every == c).all(1).nonzero()[0, 0]].tolist()
    print(f"{name}: recall {r:.0%}, balanced accuracy {b:.1%}, accuracy {a:.1%}")
