"""One formula, five methods: they differ in the axes over which the statistics are taken, and in whether a mean is subtracted."""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
eps = 1e-5


# --8<-- [start:axes]
def norm(x, axes, center=True):
    """(x - mu) / sqrt(mean of squares + eps), statistics over `axes`; no gain, no bias."""
    if center:
        x = x - x.mean(axes, keepdim=True)
    return x / (x.square().mean(axes, keepdim=True) + eps).sqrt()


B, C, H, W, G = 8, 6, 5, 4, 3                        # images: batch, channels, height, width; groups of channels
x = torch.randn(B, C, H, W) * 3 + torch.randn(C, 1, 1) + torch.randn(B, 1, 1, 1)
groups = norm(x.view(B, G, C // G, H, W), (2, 3, 4)).view_as(x)
T, d = 7, 16                                         # tokens: sequence length, width
t = torch.randn(B, T, d) + torch.randn(B, T, 1)

pairs = {                                            # name: (ours, torch's, means that were taken, by formula)
    "BatchNorm (B, H, W)": (norm(x, (0, 2, 3)), F.batch_norm(x, None, None, training=True, eps=eps), x.mean((0, 2, 3)), C),
    "LayerNorm (C, H, W)": (norm(x, (1, 2, 3)), F.layer_norm(x, (C, H, W), eps=eps), x.mean((1, 2, 3)), B),
    "InstanceNorm (H, W)": (norm(x, (2, 3)), F.instance_norm(x, eps=eps), x.mean((2, 3)), B * C),
    "GroupNorm (C/G, H, W)": (groups, F.group_norm(x, G, eps=eps), x.view(B, G, -1).mean(-1), B * G),
    "token LayerNorm (d)": (norm(t, -1), F.layer_norm(t, (d,), eps=eps), t.mean(-1), B * T),
    "token RMSNorm (d)": (norm(t, -1, center=False), F.rms_norm(t, (d,), eps=eps), t.mean(-1), B * T),
}
# --8<-- [end:axes]
for name, (ours, theirs, means, count) in pairs.items():
    assert torch.allclose(ours, theirs, atol=1e-12), f"same: {name} agrees with torch"
    assert means.numel() == count, f"groups: {name}: {means.numel()} means, by formula {count}"
    print(f"same: {name}: {count} sets of statistics for {ours.numel()} numbers")
outs = [norm(x, a) for a in ((0, 2, 3), (1, 2, 3), (2, 3))] + [groups]
gap = lambda a, b: (a - b).abs().max().item()
gaps = [gap(a, b) for i, a in enumerate(outs) for b in outs[:i]]
assert min(gaps) > 0.1 > 1e-12 > gap(x, x), f"distinct: the four differ by at least {min(gaps):.2f} somewhere"
assert torch.allclose(F.group_norm(x, 1), norm(x, (1, 2, 3))), "one-group: GroupNorm(1) = LayerNorm over C, H, W"
assert torch.allclose(F.group_norm(x, C), norm(x, (2, 3))), "c-groups: GroupNorm(C) = InstanceNorm"
print("one-group: GN with 1 group = LN over (C, H, W); c-groups: GN with C groups = IN")

z = t - t.mean(-1, keepdim=True)                     # tokens with mean zero
assert torch.allclose(F.rms_norm(z, (d,), eps=eps), F.layer_norm(t, (d,), eps=eps)), "centred: RMSNorm of x - mean = LN"
ln, mean, var = F.layer_norm(t, (d,), eps=eps), t.mean(-1, keepdim=True), t.var(-1, correction=0, keepdim=True)
rebuilt = (ln * (var + eps).sqrt() + mean) / (var + mean**2 + eps).sqrt()
assert torch.allclose(F.rms_norm(t, (d,), eps=eps), rebuilt), "not-centred: RMSNorm keeps the mean that LN removes"
off = [gap(F.rms_norm(v, (d,), eps=eps), F.layer_norm(v, (d,), eps=eps)) for v in (z, t)]
assert off[0] < 1e-12 < 0.3 < off[1], f"off: the two differ where the mean is not zero, by {off[1]:.1f}"
print("centred: RMSNorm(x - mean) = LN(x); not-centred: otherwise the mean stays in the output and in the denominator")

zero = torch.zeros(1, d, requires_grad=True)         # a token of zeros, say padding
inside, = torch.autograd.grad((zero / (zero.square().mean() + eps).sqrt()).sum(), zero)
outside, = torch.autograd.grad((zero / (zero.square().mean().sqrt() + eps)).sum(), zero)
assert outside.isnan().all() and torch.allclose(inside, torch.tensor(eps**-0.5)), f"eps-outside: {outside[0, 0]}, inside {inside[0, 0]:.0f}"
print(f"eps-outside: the gradient at a zero token is {outside[0, 0]}, with eps inside the root {inside[0, 0]:.0f}")
