"""Refutes: RL may start from the pretrained model as well. The optimum multiplies the policy that the KL term refers to."""
import torch

torch.manual_seed(0)


# --8<-- [start:optimum]
def objective(logp, ref, r, beta):
    """Equation 2 without pretraining: expected reward minus beta times KL(pi || ref). All: (problems, responses)"""
    return (logp.exp() * (r - beta * (logp - ref))).sum(1)


def optimum(ref, r, beta):
    """Closed form: pi* = ref exp(r / beta) / Z, and the value that it reaches, beta log Z."""
    log_Z = (ref + r / beta).logsumexp(1, keepdim=True)
    return ref + r / beta - log_Z, (beta * log_Z)[:, 0]


def climb(ref, r, beta, steps=100):
    """Ascent along autograd's gradient from ref, no formula; each component over its probability (natural gradient)."""
    z = ref.clone()
    for _ in range(steps):
        z = z.detach().requires_grad_()
        logp = z.log_softmax(1)
        g, = torch.autograd.grad(objective(logp, ref, r, beta).sum(), z)
        z = z + 0.5 * g / (beta * logp.exp())
    return z.detach().log_softmax(1)
# --8<-- [end:optimum]


ref = torch.randn(50, 6, dtype=torch.float64).log_softmax(1)                 # 50 problems, 6 responses each
r, beta = torch.rand(50, 6, dtype=torch.float64), 0.5 + torch.rand(50, 1, dtype=torch.float64)
best, value = optimum(ref, r, beta)
error = (climb(ref, r, beta) - best).abs().max().item()
assert error < 1e-6, f"closed-form: ascent ends {error:.0e} away"
for _ in range(20):
    logp = 3 * torch.randn(50, 6, dtype=torch.float64)
    logp = logp.log_softmax(1)                                               # any policy
    KL = (logp.exp() * (logp - best)).sum(1)                                 # from it to pi*
    error = (value - objective(logp, ref, r, beta) - beta[:, 0] * KL).abs().max().item()
    assert error < 1e-9, f"gap: off by {error:.0e}, it must fall short by beta KL(pi || pi*)"
print("closed-form: ascent ends at ref exp(r / beta) / Z; gap: every policy falls short of it by beta KL(pi || pi*)")
greedy, still = optimum(ref, r, 1e-6)[0].exp(), optimum(ref, r, 1e4)[0]
top = greedy.gather(1, r.argmax(1, keepdim=True)).min().item()
assert top > 0.999 and (still - ref).abs().max() < 1e-3, f"limits: {top:.3f}"
print("limits: beta to 0 gives the one best response, beta to infinity gives ref")

beta = 0.02                                                                  # @ouyang2022instructgpt, C.4
good = torch.tensor([[0.1, 0.0]], dtype=torch.float64)                        # scores of a good and a bad response
start = lambda p: torch.tensor([[p, 1 - p]], dtype=torch.float64).log()       # p: how often the start gives the good one
odds = lambda logp: (logp[0, 0] - logp[0, 1]).exp().item()
sft, pretrained = start(0.3), start(0.001)
factor = [odds(optimum(s, good, beta)[0]) / odds(s) for s in (sft, pretrained)]
assert abs(factor[0] / factor[1] - 1) < 1e-9 and 148 < factor[0] < 149, f"factor: 0.1 of reward multiplies the odds by {factor[0]:.0f}"
print(f"factor: 0.1 of reward multiplies the odds by {factor[0]:.0f}, whatever the start")
claimed, actual = (100 * optimum(s, good, beta)[0].exp()[0, 0].item() for s in (sft, pretrained))
print(f"claimed {claimed:.1f} %, actual {actual:.1f} %: good responses at the optimum, starting from SFT and from pretraining")
assert 98 < claimed < 98.6 and 12.8 < actual < 13, f"not-from-pretrained: {actual:.1f} %, not {claimed:.1f} %"
