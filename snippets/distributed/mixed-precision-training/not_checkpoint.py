"""Refutes: the fp32 master copy only keeps the checkpoint precise. Same gradients, the weight kept in fp16 or in fp32."""
import torch

LR, STEPS = 1e-3, 10_000
targets = torch.tensor([1.1, 1.3, 1.5, 1.7, 1.9])
HALF = 2.0**-11                                            # half a spacing between 1 and 2


def train(dtype):
    """SGD on (w - target)^2 / 2 from w = 1; the weight is stored in dtype, the gradient w - target is exact."""
    w = torch.nn.Parameter(torch.ones(len(targets), dtype=dtype))
    opt = torch.optim.SGD([w], LR)
    for _ in range(STEPS):
        w.grad = (w.detach().float() - targets).to(dtype)
        opt.step()
    return w.detach().float()


master = train(torch.float32)
assert (master - targets).abs().max() < 1e-4, "master: fp32 reaches the target"
claimed = (master.half().float() - targets).abs().max().item()             # rounded once, when it is saved
final = train(torch.float16)
actual = (final - targets).abs().max().item()
print("weights kept in fp16 end at", [round(x, 2) for x in final.tolist()], "of", [round(x, 2) for x in targets.tolist()])
print(f"claimed {claimed:.4f}, actual {actual:.4f}: largest distance to the target when the weights live in fp16")
stall = HALF / LR                                          # where LR * distance is half a spacing
predicted = torch.minimum(targets - 1, torch.tensor(stall))
assert (targets - final - predicted).abs().max() < 3 * HALF, f"stall: at a distance of {stall:.3f}"
print(f"stall: a step below half a spacing is lost, so they stop {stall:.3f} short, or never start")
assert claimed <= HALF < 100 * HALF < actual < 1.01 * stall, f"not-checkpoint: {actual:.3f} off, not {claimed:.4f}"
never = (train(torch.bfloat16) == 1).sum().item()
assert never == len(targets), f"never: in bf16 {never} of {len(targets)}"
print(f"never: in bf16 {never} of {len(targets)} weights move not at all")
