"""Why z-loss: cross-entropy doesn't see a common shift of the logits, low precision does, and z-loss pulls it back."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
V, y = 32000, torch.tensor([7])                          # LLaMA's vocabulary
z = torch.randn(1, V, dtype=torch.float64)               # (1, V) logits
ce = lambda z: z.logsumexp(-1)[0] - z[0, y[0]]           # cross-entropy by its formula
z_loss = lambda z: 1e-4 * z.logsumexp(-1).square().mean()    # PaLM: 1e-4 log^2 Z


def push(loss, shift):                                   # derivative of the loss along a common shift of all logits
    c = torch.tensor(float(shift), dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(loss(z + c), c)[0].item()


log_Z = z.logsumexp(-1).item()
assert abs(ce(z + 1000) - F.cross_entropy(z, y)) < 1e-9 and abs(push(ce, 1000)) < 1e-9, "blind: cross-entropy doesn't see a shift of 1000"
print(f"blind: shifting all {V} logits by 1000 changes the cross-entropy by {abs(ce(z + 1000) - ce(z)):.0f}, and so no gradient pulls back")
log_p = z.log_softmax(-1)                                # the loss of each label, not of one chosen label
error = {c: ((z + c).bfloat16().double().log_softmax(-1) - log_p).abs().mean().item() for c in (0, 1000)}
assert error[0] < 0.02 and error[1000] > 0.1, f"rounding: loss off by {error[0]:.3f} unshifted, {error[1000]:.2f} at 1000"
print(f"rounding: with bf16 logits the loss is off by {error[0]:.3f} unshifted, by {error[1000]:.2f} at a shift of 1000, on average over all labels")
pull = push(z_loss, 1000)
assert abs(pull - 2e-4 * (log_Z + 1000)) < 1e-9, f"pull: {pull:.3f} = 2e-4 log Z"
print(f"pull: z-loss pulls with {pull:.3f} at a shift of 1000 and {push(z_loss, 0):.4f} at none")
assert abs(push(z_loss, -log_Z)) < 1e-9, "rest: no pull where Z = 1"
