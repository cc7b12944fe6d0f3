"""Mixed precision by hand, against torch.autocast with GradScaler: the same weights, bit for bit."""
import torch
from torch import nn
from torch.nn.functional import linear, mse_loss

torch.manual_seed(0)
d, n, TINY = 16, 64, 1e-6                                  # TINY makes the loss, and all gradients, small
X, Y = torch.randn(n, d), torch.randn(n, d)
start = [torch.randn(d, d) / d**0.5 for _ in range(2)]
STEPS, LR = [TINY] * 10 + [1e6] + [TINY] * 10, 1e6         # the factor of the loss: step 10 overflows


# --8<-- [start:recipe]
def by_hand(S=2.0**16):
    master = [w.clone() for w in start]                                    # 1: fp32, the only copy that is updated
    for factor in STEPS:
        half = [w.half().requires_grad_() for w in master]                 # rounded anew at each step
        out = linear(linear(X.half(), half[0]).relu(), half[1])            # 3: fp16 in and out, fp32 sums inside
        loss = mse_loss(out.float(), Y) * factor                           # reductions in fp32
        (loss * S).backward()                                              # 2: scale before backward
        grads = [w.grad.float() / S for w in half]                         # unscale in fp32
        if all(g.isfinite().all() for g in grads):
            for w, g in zip(master, grads):
                w.add_(g, alpha=-LR)
        else:
            S /= 2                                                         # skip the step, try a smaller scale
    return master, S
# --8<-- [end:recipe]


def pytorch(dtype=torch.float16, scale=True):
    model = nn.Sequential(nn.Linear(d, d, bias=False), nn.ReLU(), nn.Linear(d, d, bias=False))
    for p, w in zip(model.parameters(), start):
        p.data = w.clone()
    opt, scaler = torch.optim.SGD(model.parameters(), LR), torch.amp.GradScaler("cpu", enabled=scale)
    for factor in STEPS:
        opt.zero_grad()
        with torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
            out = model(X)
            loss = mse_loss(out, Y) * factor
        scaler.scale(loss).backward()
        grads = [p.grad for p in model.parameters()]
        if factor == 1e6 and not scale:
            continue                                                       # nothing overflows: leave the step out
        scaler.step(opt)
        scaler.update()
    kinds = [t.dtype for t in (out, loss, *grads, *model.parameters())]
    return [p.detach() for p in model.parameters()], scaler.get_scale(), kinds


def far(A, B):
    """Distance of two sets of weights."""
    return torch.cat([(a - b).flatten() for a, b in zip(A, B)]).norm().item()


(hand, S), (amp, scale, kinds) = by_hand(), pytorch()
assert all(map(torch.equal, hand, amp)) and S == scale == 2**15 and len(STEPS) == 21, f"same: 21 steps, the scale is {scale:.0f}"
print(f"same: {len(STEPS)} steps by hand and by PyTorch give the same bits; one overflow skipped, the scale ends at {scale:.0f}")
assert kinds == [torch.float16] + 5 * [torch.float32], f"kinds: {kinds}"
print("kinds: output", kinds[0], "- loss, gradients and weights", kinds[1])
exact, none = pytorch(torch.float32, scale=False)[0], pytorch(scale=False)[0]
moved, off = far(exact, start), far(amp, exact)
assert moved > 1 and 1e-4 * moved < off < 1e-2 * moved, f"close: {off:.5f} off, of {moved:.2f}"
print("close: within 1% of what fp32 does, and not the same")
assert far(none, start) == 0 < far(amp, start), f"unscaled: without scaling the weights move by {far(none, start):.0f}"
print(f"unscaled: without scaling the weights move by {far(none, start):.0f}")
