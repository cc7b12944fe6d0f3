"""Cross-entropy and KL as losses: the label is fixed, so the gradients in the logits are the same."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
V = 1000                                         # classes; a vocabulary would do as well


def grad(loss, z):
    return torch.autograd.grad(loss, z)[0]


def H(p):
    return -(p * p.log()).sum()


# --8<-- [start:losses]
z = torch.randn(V, requires_grad=True)           # (V,) logits of the model, q = softmax(z)
p = torch.randn(V).softmax(0)                    # (V,) a fixed soft label: teacher, smoothed label, data
ce = F.cross_entropy(z, p)                       # H(p, q)
kl = F.kl_div(z.log_softmax(0), p, reduction="sum")     # KL(p || q): input = log q, target = p
# --8<-- [end:losses]
gap, q = (ce - kl).item(), z.softmax(0).detach()
assert abs(gap - H(p)) < 1e-12 and kl > 0, f"gap: {gap:.4f} must be H(p) = {H(p):.4f}"
assert torch.allclose(grad(ce, z), grad(kl, z), atol=1e-15), "same-grad: H(p) does not depend on z"
closed = q - p
assert torch.allclose(grad(F.cross_entropy(z, p), z), closed, atol=1e-15), "softmax-minus-p: the gradient in the logits"
print(f"gap: CE {ce:.3f} - KL {kl:.3f} = H(p) = {gap:.3f} nats; the two gradients are equal")

y = torch.tensor(7)                              # a hard label: H(p) = 0, and the values agree too
onehot = F.one_hot(y, V).double()
ce, kl = F.cross_entropy(z, y), F.kl_div(z.log_softmax(0), onehot, reduction="sum")
assert abs(ce - kl) < 1e-12 and abs(ce + q[7].log()) < 1e-12, f"one-hot: {ce:.3f}, {kl:.3f} and -log q_y agree"
print(f"one-hot: CE = KL = -log q_y = {ce:.3f} nats")

z = torch.tensor([8.0, 0.0], requires_grad=True)        # a confidently wrong model; the label is class 1
strong = grad(F.cross_entropy(z, torch.tensor(1)), z).abs().max().item()
weak = grad(F.mse_loss(z.softmax(0), torch.tensor([0.0, 1.0])), z).abs().max().item()
q0, q1 = z.softmax(0).tolist()
assert abs(strong - q0) < 1e-12 and abs(weak - 2 * q0**2 * q1) < 1e-12 and strong > 0.99 > 0.01 > weak, f"mse: gradient {strong:.4f} with cross-entropy, {weak:.4f} with squared error"
print(f"mse: gradient {strong:.4f} with cross-entropy, {weak:.4f} with squared error")
