"""Refutes: adding kd_loss is data augmentation. Soft labels on the same inputs add no input; unlabelled inputs do."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
n, d, C = 4, 10, 3                                       # few labelled samples, features, classes
X, U = torch.randn(n, d), torch.randn(200, d)            # labelled inputs; unlabelled inputs
teacher = torch.randn(C, d)
y = (X @ teacher.T).argmax(-1)


def train(loss, steps=200):
    W = torch.zeros(C, d, requires_grad=True)
    for _ in range(steps):
        g, = torch.autograd.grad(loss(W), W)
        W = (W - 0.5 * g).detach().requires_grad_()
    return W.detach()


def soft(Z):                                             # kd_loss on inputs Z
    return lambda W: F.cross_entropy(Z @ W.T, (Z @ teacher.T).softmax(-1))


def outside(W):                                          # how much of W lies outside the span of the labelled inputs
    Q = torch.linalg.qr(X.T)[0]                          # (d, n) orthonormal basis
    return (W - W @ Q @ Q.T).norm().item()


hard = train(lambda W: F.cross_entropy(X @ W.T, y))
both = train(lambda W: F.cross_entropy(X @ W.T, y) + soft(X)(W))
pseudo = train(lambda W: F.cross_entropy(X @ W.T, y) + soft(U)(W))
agree = [((U @ W.T).argmax(-1) == (U @ teacher.T).argmax(-1)).double().mean().item() for W in (both, pseudo)]
assert agree[1] > 0.9 > 0.7 > agree[0], f"taught: {agree[1]:.0%} as the teacher says with new inputs, {agree[0]:.0%} with the old"
claimed, actual = outside(pseudo), outside(both)         # what new inputs bring; what kd_loss on the old ones brings
print(f"claimed {claimed:.2f}, actual {actual:.2f}: weight learnt outside the span of the {n} labelled inputs")
assert abs(claimed / outside(teacher - teacher.mean(0)) - 1) < 0.25 and actual < 1e-12 and outside(hard) < 1e-12, f"not-kd: {actual:.2f} with kd_loss, {claimed:.2f} with new inputs"
print(f"not-kd: {actual:.2f} with kd_loss on the old inputs, {claimed:.2f} when the teacher labels 200 new ones")

z = torch.randn(C, requires_grad=True)                   # kd_loss = hard labels drawn from the teacher, averaged
p = torch.randn(C).softmax(0)
grad = lambda loss: torch.autograd.grad(loss, z)[0]
expected = sum(p[c] * grad(F.cross_entropy(z, torch.tensor(c))) for c in range(C))
assert torch.allclose(grad(F.cross_entropy(z, p)), expected, atol=1e-15), "labels: soft label = all hard labels, weighted"
print("labels: the gradient of the soft label is the average over hard labels drawn from the teacher")
