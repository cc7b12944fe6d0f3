"""Refutes: the factor T^2 is optional. The soft loss: its gradient, the limit of high temperature, its weight."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
cases, N = 1000, 10
z, v = 3 * torch.randn(2, cases, N)                      # (cases, N) logits of the student, of the teacher
y = v.argmax(1)                                          # (cases,)   the correct labels


# --8<-- [start:gradient]
def soft(z, T):
    """Cross-entropy with the teacher's distribution, both at temperature T."""
    return F.cross_entropy(z / T, (v / T).softmax(1), reduction="sum")


def hard(z):
    """Cross-entropy with the correct labels, always at temperature 1."""
    return F.cross_entropy(z, y, reduction="sum")


def grad(loss, *T):
    x = z.clone().requires_grad_()
    return torch.autograd.grad(loss(x, *T), x)[0]        # (cases, N) with respect to the student's logits


for T in (1, 2, 4, 20):
    q, p = (z / T).softmax(1), (v / T).softmax(1)        # student, teacher
    assert torch.allclose(grad(soft, T), (q - p) / T, atol=1e-14), f"gradient: (q - p) / T at T = {T}"
# --8<-- [end:gradient]

center = lambda x: x - x.mean(1, keepdim=True)
logits = grad(lambda x: 0.5 * F.mse_loss(center(x), center(v)) * cases)    # half the mean squared gap of the logits
gap = [((T**2 * grad(soft, T) - logits).norm() / logits.norm()).item() for T in (1e3, 1e4, 1e5)]
assert gap[2] < 1e-4 and all(9 < a / b < 11 for a, b in zip(gap, gap[1:])), f"limit: relative gaps {gap}"
print("limit: T^2 times the gradient tends to that of matching centred logits; the gap falls like 1/T")

weight = {T: (grad(soft, T).norm() / grad(hard).norm()).item() for T in (1, 4, 20)}
for T in (4, 20):
    print(f"weight: T = {T}: soft gradient / hard gradient {weight[T]:.3f}, times T^2 {T**2 * weight[T]:.2f}; "
          f"at T = 1 {weight[1]:.2f}")
limit = (logits.norm() / grad(hard).norm()).item()
assert abs(400 * weight[20] / limit - 1) < 0.05, f"weight: with T^2 it tends to {limit:.2f}, that of matching logits"
assert all(1.2 < T**2 * weight[T] / weight[1] < 1.6 for T in (4, 20)), f"roughly: the weight keeps its size, not its value: {weight}"


def steps(optimizer, factor, T=20, **options):
    """Five steps on the soft loss alone, from the same start."""
    x = z.clone().requires_grad_()
    optimizer = optimizer([x], **options)
    for _ in range(5):
        x.grad = torch.autograd.grad(factor * soft(x, T), x)[0]
        optimizer.step()
    return x.detach() - z


adam = [steps(torch.optim.Adam, factor, lr=1e-2, eps=0.0) for factor in (1, 400)]
sgd = [steps(torch.optim.SGD, factor, lr=lr) for factor, lr in ((1, 0.4), (400, 1e-3))]
assert torch.allclose(*adam, atol=1e-9) and abs(adam[0].abs().max() - 0.05) < 1e-3, "adam: alone and with eps = 0, a factor changes nothing"
assert torch.allclose(*sgd, atol=1e-9) and sgd[0].abs().max() > 1e-3, "sgd: alone, 400 times the loss is 400 times the learning rate"

claimed, actual = weight[1], weight[20]                  # "optional": the weight beside the hard loss stays what it was
print(f"claimed {claimed:.2f}, actual {actual:.4f}: weight of the soft loss beside the hard one at T = 20, without T^2")
assert actual < claimed / 100, f"not-optional: {actual:.4f}, not {claimed:.2f}"
