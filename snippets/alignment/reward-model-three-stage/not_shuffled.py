"""Refutes: a ranking of K responses is K (K - 1) / 2 samples that may be shuffled. Counts on a real reward model."""
from itertools import combinations, permutations
from math import factorial, log2
import torch
from torch.nn.functional import logsigmoid
from torch.utils.data import DataLoader
from transformers import LlamaConfig, LlamaForSequenceClassification

torch.manual_seed(0)
K, T = 9, 12
rm = LlamaForSequenceClassification(LlamaConfig(
    vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, num_labels=1, pad_token_id=0))
texts = torch.randint(3, 50, (K, T))                                         # K, T; best response first
passed = 0


def scores(ids):
    global passed
    passed += len(ids)                                                       # forward passes, one for each sequence
    return rm(ids).logits[:, 0]


def grouped():                                                               # one batch element: all pairs of the prompt
    r, (w, l) = scores(texts), torch.triu_indices(K, K, offset=1)
    return -logsigmoid(r[w] - r[l]).mean(), [list(range(K))]


def shuffled():                                                              # each pair a sample of its own
    for w, l in DataLoader(list(combinations(range(K), 2)), shuffle=True, batch_size=None):
        r = scores(texts[[w, l]])
        yield -logsigmoid(r[0] - r[1]), (w, l)


def gradient(losses):
    grads = [torch.autograd.grad(loss, list(rm.parameters())) for loss in losses]
    return torch.cat([sum(g).flatten() / len(grads) for g in zip(*grads)])


loss, updates = grouped()
once, seen = passed, [sum(i in u for u in updates) for i in range(K)]
g, passed = gradient([loss]), 0
losses, updates = zip(*shuffled())
again, used = passed, [sum(i in u for u in updates) for i in range(K)]
assert (gradient(losses) - g).norm() < 1e-4 * g.norm(), "same-gradient: summed before one step, the two agree"
assert once == K and again == K * (K - 1), f"passes: {once} forward passes in a group, {again} as {len(losses)} pairs"
print(f"passes: {once} forward passes in a group, {again} as {len(losses)} pairs; same-gradient: if summed before one step")
outcomes = {tuple(i < j for i, j in combinations(p, 2)) for p in permutations(range(5))}      # of 2 ** 10, for K = 5
bits = log2(factorial(K))                                                    # a ranking is one of K! orders
assert len(outcomes) == factorial(5) and bits < len(losses) / 1.9, f"bits: {bits:.1f} bits in a ranking, {len(losses)} in as many independent comparisons"
print(f"bits: {bits:.1f} bits in a ranking of {K}, {len(losses)} in as many independent comparisons")
claimed, actual = max(seen), min(used)                                       # were shuffling the same
print(f"claimed {claimed}, actual {actual}: updates that each response takes part in, in one epoch of shuffled pairs")
assert claimed == 1 and actual == K - 1, f"not-shuffled: {actual} updates, not {claimed}"
