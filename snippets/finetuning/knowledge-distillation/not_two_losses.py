"""Refutes: KL and soft cross-entropy train different students. What does change the student: the direction of KL."""
import math
import torch
import torch.nn.functional as F
from torch.distributions import Normal

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
T, X = 4.0, torch.randn(256, 20)                         # (cases, features)
teacher = torch.nn.Sequential(torch.nn.Linear(20, 64), torch.nn.Tanh(), torch.nn.Linear(64, 5))
p = (4 * teacher(X) / T).softmax(1).detach()             # (cases, classes) frozen


def kl(z, p):
    return F.kl_div((z / T).log_softmax(1), p, reduction="batchmean")


def ce(z, p):
    return F.cross_entropy(z / T, p)


def train(loss):
    """200 steps from the same start; the weights, and the loss at every step."""
    torch.manual_seed(1)
    student, values = torch.nn.Linear(20, 5), []
    optimizer = torch.optim.SGD(student.parameters(), lr=0.5)
    for _ in range(200):
        optimizer.zero_grad()
        value = T**2 * loss(student(X), p)
        value.backward()
        optimizer.step()
        values.append(value.item() / T**2)
    return torch.cat([w.detach().flatten() for w in student.parameters()]), torch.tensor(values)


(w_kl, loss_kl), (w_ce, loss_ce) = train(kl), train(ce)
H = torch.special.entr(p).sum(1).mean()                  # entropy of the teacher: a constant
assert torch.allclose(loss_ce - loss_kl, H.expand(200), atol=1e-12), "constant: the losses differ by the teacher's entropy"
assert loss_kl[-1] < loss_kl[0] / 5 and loss_kl[-1] > 0, "trained: the student really learned"

w = torch.randn(20, 5, requires_grad=True)               # a teacher that shares the weights and is not detached
moving = (X.tanh() @ w / T).softmax(1)
kl_w, ce_w, entropy_w = (torch.autograd.grad(value, w, retain_graph=True)[0] for value in
                         (kl(X @ w, moving), ce(X @ w, moving), torch.special.entr(moving).sum(1).mean()))
assert torch.allclose(ce_w - kl_w, entropy_w, atol=1e-14) and entropy_w.norm() > 0.1 * kl_w.norm(), \
    "shared: if the teacher is trained as well, the gradients differ by that of its entropy"

z, v = torch.randn(2, 4, 3, 5)                           # (batch, length, vocabulary) logits of student and teacher
loss = lambda z, v, how: F.kl_div((z / T).log_softmax(-1), (v / T).softmax(-1), reduction=how)
by_hand = ((v / T).softmax(-1) * ((v / T).log_softmax(-1) - (z / T).log_softmax(-1))).sum(-1).mean()    # a token
flat = loss(z.flatten(0, 1), v.flatten(0, 1), "batchmean")
assert torch.isclose(flat, by_hand) and torch.isclose(loss(z, v, "batchmean"), 3 * flat) and torch.isclose(5 * loss(z, v, "mean"), flat), \
    "reduction: batchmean divides by the first axis alone, mean by the vocabulary as well"

i = torch.arange(41.0)                                   # 41 tokens in a row; the teacher has two peaks
target = Normal(12.0, 2.5).log_prob(i).exp() + 0.8 * Normal(28.0, 2.5).log_prob(i).exp()
target = target / target.sum()
m, s = torch.meshgrid(torch.arange(0, 41, 0.25), torch.arange(1.5, 12, 0.1), indexing="ij")
family = Normal(m[..., None], s[..., None]).log_prob(i).log_softmax(-1)        # every student: one peak
forward = (target * (target.log() - family)).sum(-1)     # KL(teacher || student)
reverse = (family.exp() * (family - target.log())).sum(-1)                     # KL(student || teacher)
valley = (i > 17) & (i < 23)                             # where the teacher puts almost nothing
mass = lambda logq: logq.exp()[valley].sum().item()
found = [family[divmod(k.argmin().item(), k.shape[1])] for k in (forward, reverse)]
true, covers, seeks = mass(target.log()), *map(mass, found)
print(f"direction: mass between the two peaks: teacher {true:.3f}, forward KL {covers:.2f}, reverse KL {seeks:.3f}")
assert covers > 5 * true and seeks < 2 * true, f"direction: {covers:.2f} and {seeks:.3f}, teacher {true:.3f}"
moments = lambda q: torch.stack([(q * i).sum(), (q * i**2).sum().sqrt()])
expected = torch.tensor([12 + 0.8 * 28, 12**2 + 2.5**2 + 0.8 * (28**2 + 2.5**2)]) / 1.8    # of the two peaks
assert torch.allclose(moments(found[0].exp())**torch.tensor([1, 2]), expected, rtol=0.01), "moments: forward KL matches the teacher's"
assert found[1].argmax() == 12 and abs(reverse.min() - math.log(1.8)) < 0.01, "peaks: reverse KL keeps one, and pays log 1.8"

claimed = (loss_ce - loss_kl).mean().item()              # the losses differ, so the students would
actual = (w_kl - w_ce).abs().max().item()
print(f"claimed {claimed:.2f}, actual below 1e-12: {actual < 1e-12}: difference that KL instead of cross-entropy makes")
assert actual < 1e-12 < 0.5 < claimed and abs(claimed - H) < 1e-12, f"not-different: {actual:.0e}, though the losses differ by {claimed:.2f}"
