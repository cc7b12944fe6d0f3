"""Refutes: a score is a level of satisfaction, comparable over prompts. Two models with one loss, and opposite levels."""
import torch
from torch.nn.functional import logsigmoid

torch.manual_seed(0)
prompts, K = 200, 4
r = torch.randn(prompts, K, dtype=torch.float64)                             # scores; columns in the labelers' order, best first
w, l = torch.triu_indices(K, K, offset=1)
loss = lambda r: -logsigmoid(r[:, w] - r[:, l]).mean()
other = r - 2 * r.mean(1, keepdim=True)                                      # another constant for each prompt: its mean changes sign
assert 0 < loss(r) and abs(loss(r) - loss(other)) < 1e-12 and (other + r).mean(1).abs().max() < 1e-12, f"one-loss: {loss(r):.6f} and {loss(other):.6f}"
print("one-loss: the two reward models have the same loss, pair by pair")

i, j = torch.triu_indices(prompts, prompts, offset=1)
level = lambda r: r.mean(1)
same = lambda a, b: ((level(a)[i] > level(a)[j]) == (level(b)[i] > level(b)[j])).double().mean().item()
claimed, actual = same(r, r), same(r, other)                                 # what is a level must not depend on the model
print(f"claimed {100 * claimed:.0f} %, actual {100 * actual:.0f} %: pairs of prompts whose levels both models order alike")
assert actual < 0.01 < 0.99 < claimed, f"not-comparable: {100 * actual:.0f} %, not {100 * claimed:.0f} %"

bias = lambda r: r - r[:, 0].mean()                                          # demonstrations score 0 on average
assert abs(bias(other)[:, 0].mean()) < 1e-12 and same(r, bias(other)) == actual, "bias: one constant repairs nothing"
print("bias: with the demonstrations at a mean of 0 the levels are still opposite")

beta, ref = 0.5, torch.rand(prompts, K, dtype=torch.float64).log_softmax(1)
policy = lambda r: (ref + r / beta).log_softmax(1)                           # optimum of reward minus beta KL


def slope(logp, r):
    """Autograd's gradient of reward minus beta KL(pi || ref) in the logits of pi."""
    z = logp.clone().requires_grad_()
    logp = z.log_softmax(1)
    return torch.autograd.grad((logp.exp() * (r - beta * (logp - ref))).sum(), z)[0]


flat = max(slope(policy(r), x).abs().max().item() for x in (r, other))
assert flat < 1e-12, f"policy: one policy is where both objectives are flat, slope {flat:.0e}"
start = torch.randn(prompts, K, dtype=torch.float64)
gap = (slope(start, r) - slope(start, other)).abs().max()
assert gap < 1e-12 < 0.01 < slope(start, r).abs().max(), f"same-slope: away from it the gradients agree as well, {gap:.0e}"
A, B = torch.rand(2, prompts, K, dtype=torch.float64).softmax(2)             # two policies on the same prompts
gain = lambda r: ((A - B) * r).sum(1).mean().item()
assert abs(gain(r) - gain(other)) < 1e-12, "same-prompts: the difference of their mean rewards is the same"
print("policy, same-slope, same-prompts: what compares responses to one prompt doesn't change")
