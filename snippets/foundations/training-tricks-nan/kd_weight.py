"""kl_loss and kd_loss: what their weights mean. Same teacher and T = 1: one loss twice. T > 1: the factor T^2."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
V = 50
z = torch.randn(V, requires_grad=True)                   # (V,) student's logits
v = torch.randn(V)                                       # (V,) teacher's logits


def grad(loss):
    return torch.autograd.grad(loss, z)[0]


def kl(T=1.0):                                           # KL(teacher || student) at temperature T, written as kl_div
    return F.kl_div((z / T).log_softmax(0), (v / T).softmax(0), reduction="sum")


def kd(T=1.0):                                           # the soft cross-entropy of the distillation paper
    return F.cross_entropy(z / T, (v / T).softmax(0))


for T in (1, 2, 4):
    assert torch.allclose(grad(kl(T)), grad(kd(T)), atol=1e-14), f"same: KL and soft cross-entropy at T = {T}"
for a, b in ((1.0, 0.0), (0.7, 0.3), (0.0, 1.0)):
    for T in (1, 4):
        mixed = grad(a * kl(T) + b * kd(T))
        assert torch.allclose(mixed, grad(kl(T)), atol=1e-14), f"one-loss: weights {a} and {b} at T = {T}, the same gradient"
print("one-loss: with one teacher and one T, weights (1, 0), (0.7, 0.3) and (0, 1) give the same gradient")
reverse = grad(F.kl_div(v.log_softmax(0), z.softmax(0), reduction="sum"))
q, log_ratio = z.softmax(0).detach(), (z.log_softmax(0) - v.log_softmax(0)).detach()
assert torch.allclose(reverse, q * (log_ratio - (q * log_ratio).sum()), atol=1e-14), "formula: KL(student || teacher) by hand"
cosine = F.cosine_similarity(reverse, grad(kl()), dim=0).item()
assert cosine < 0.95, f"reverse: cosine {cosine:.2f} between KL(student || teacher) and KL(teacher || student)"
print(f"reverse: cosine {cosine:.2f} between the gradients of the two directions of KL")

size = {T: grad(kd(T)).norm().item() for T in (1, 2, 4)}
limit = ((z - z.mean()) - (v - v.mean())).detach() / V   # the paper's high-temperature limit, times T^2
T = 1e5
assert torch.allclose(grad(kd(T)) * T**2, limit, atol=1e-4 * limit.abs().max()), "limit: (z - v) / (N T^2) at high temperature"
print("limit: at high temperature T^2 times the gradient is (z - v) / N, as the paper derives")
print(f"fade: without T^2 the gradient at T = 4 is {size[4] / size[1]:.3f} of that at T = 1, with it {16 * size[4] / size[1]:.2f}")
assert size[4] / size[1] < 1 / 10 < 0.3 < 16 * size[4] / size[1] < 3, f"fade: {size[4] / size[1]:.3f}, {16 * size[4] / size[1]:.2f}"
