"""Refutes: model.half() is mixed precision. One AdamW step from the same weights, with the same small gradients."""
import torch
from torch import nn

torch.manual_seed(0)
d, n, LR = 128, 128, 1e-3
X, Y, start = torch.randn(n, d), torch.randn(n, d), torch.randn(d, d) / d**0.5


def model(dtype):
    layer = nn.Linear(d, d, bias=False)
    layer.weight.data = start.clone()
    layer = layer.to(dtype)
    return layer, torch.optim.AdamW(layer.parameters(), LR)  # eps = 1e-8


# --8<-- [start:ways]
def mixed():
    layer, opt = model(torch.float32)
    scaler = torch.amp.GradScaler("cpu")
    with torch.autocast("cpu", torch.float16):
        loss = nn.functional.mse_loss(layer(X), Y)
    scaler.scale(loss).backward()
    scaler.step(opt)
    return layer.weight.detach(), opt


def pure(dtype):
    layer, opt = model(dtype)                              # model.half(), model.bfloat16()
    nn.functional.mse_loss(layer(X.to(dtype)), Y.to(dtype)).backward()
    opt.step()
    return layer.weight.detach(), opt
# --8<-- [end:ways]


(good, opt), (bad, half_opt) = mixed(), pure(torch.float16)
claimed, actual = ((~w.isfinite()).sum().item() for w in (good, bad))      # broken weights: as in mixed precision, in fact
print(f"claimed {claimed}, actual {actual}: weights of {d * d} that are inf or NaN after one step of model.half()")
assert claimed == 0 and actual > 0.9 * d * d, f"not-half-model: {actual} of {d * d} weights are broken, not {claimed}"
g = half_opt.state[half_opt.param_groups[0]["params"][0]]["exp_avg"].float().abs() / 0.1      # after one step m = 0.1 g
edge, broken = (2.0**-25 / 0.001) ** 0.5, ~bad.isfinite()                 # where v = 0.001 g^2 rounds to 0 in fp16
below, above = broken[g < 0.99 * edge], broken[g > 1.01 * edge]
assert len(below) > 15_000 and len(above) > 100 and below.all() and not above.any(), f"second-moment: |g| < {edge:.4f}"
print(f"second-moment: 0.001 g^2 is 0 in fp16 for |g| < {edge:.4f}: exactly those weights break")
kept = {eps: torch.tensor(eps).half().item() > 0 for eps in (half_opt.defaults["eps"], 1e-7)}
assert kept == {1e-8: False, 1e-7: True}, "eps: AdamW's default of 1e-8 is 0 in fp16, 1e-7 isn't"
print("eps: AdamW's default of 1e-8 is 0 in fp16, 1e-7 isn't; so the step is m / 0")
moments = {t.dtype for t in opt.state[opt.param_groups[0]["params"][0]].values()}
assert good.dtype == torch.float32 and moments == {torch.float32}, f"kept: {moments}"
assert (good - start).abs().max() < 1.2 * LR, "moved: in mixed precision each weight moves by about the learning rate"
print("kept: under autocast weights and moments stay fp32, and each weight moves by about the learning rate")

layer, opt = model(torch.float16)
scaler, refused = torch.amp.GradScaler("cpu"), ""
scaler.scale(nn.functional.mse_loss(layer(X.half()), Y.half()).float()).backward()
try:
    scaler.step(opt)
except ValueError as error:
    refused = str(error)
assert refused == "Attempting to unscale FP16 gradients.", f"refuses: {refused}"
print("refuses: GradScaler:", refused)
