"""Refutes: Adam's bias correction already does what warm-up does."""
import torch

torch.set_default_dtype(torch.float64)
b1, b2 = 0.9, 0.999


def steps(grads, corrected):
    """RMS over coordinates of each Adam step in units of lr; uncorrected as in BERT's AdamWeightDecayOptimizer."""
    m, v, out = torch.zeros_like(grads[0]), torch.zeros_like(grads[0]), []
    for t, g in enumerate(grads, 1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
        mh, vh = (m / (1 - b1**t), v / (1 - b2**t)) if corrected else (m, v)
        out.append((mh / vh.sqrt()).square().mean().sqrt().item())
    return out


torch.manual_seed(0)
noise = torch.randn(400, 20_000)                         # 400 steps, 20 000 coordinates, no signal
fixed, raw = steps(noise, True), steps(noise, False)

p = torch.nn.Parameter(torch.zeros(20_000))              # the corrected one is torch.optim.Adam
opt = torch.optim.Adam([p], lr=1.0, betas=(b1, b2), eps=1e-15)
for t in range(3):
    old = p.detach().clone()
    p.grad = noise[t]
    opt.step()
    real = (p.detach() - old).square().mean().sqrt().item()
    assert abs(real / fixed[t] - 1) < 1e-9, f"oracle: {real:.4f} by torch.optim.Adam, {fixed[t]:.4f} here"
print(f"oracle: torch.optim.Adam takes the same first steps: 1.00, {fixed[1]:.2f}, {fixed[2]:.2f} lr")
exact = (1 - b1) / (1 - b2) ** 0.5
constant = steps(torch.ones(400, 1), False)
assert abs(raw[0] / exact - 1) < 1e-9, f"uncorrected: {raw[0]:.2f} lr"
assert max(constant) > 6.5, f"overshoot: {max(constant):.1f} lr at step {constant.index(max(constant)) + 1}"
print(f"uncorrected: without correction the first step is {raw[0]:.2f} lr; overshoot: with a constant gradient up to "
      f"{max(constant):.1f} lr, at step {constant.index(max(constant)) + 1}")
claimed, actual = sum(fixed[-50:]) / 50, fixed[0]        # corrected first step: as small as any later one?
print(f"claimed {claimed:.2f}, actual {actual:.2f}: RMS of the first step in units of lr, pure noise")
assert actual > 4 * claimed and abs(actual / claimed / ((1 + b1) / (1 - b1)) ** 0.5 - 1) < 0.05, f"not-bias-correction: {actual / claimed:.1f} times the later steps"
print(f"not-bias-correction: {actual / claimed:.1f} times the later steps, with the correction")
