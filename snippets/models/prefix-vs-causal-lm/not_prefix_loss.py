"""Refutes: the tokens of the prefix can be predicted, and trained on, like all others. They are copied."""
from fractions import Fraction
import torch
import torch.nn.functional as F
from transformers import LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
V, n, P = 64, 32, 16
ids = torch.randint(V, (256, n))                                            # uniform: nothing to be learned
i, j = torch.arange(n)[:, None], torch.arange(n)
mask = {"causal": j <= i, "prefix": (j <= i) | (j < P)}
floor = torch.tensor(V).log().item()                                        # entropy: no honest model gets below


# --8<-- [start:copy]
def copying(kind, gain):
    """One attention head, written by hand: position t looks for position t + 1 and outputs its token."""
    query, key = F.one_hot(torch.arange(1, n + 1), n + 1).float(), F.one_hot(torch.arange(n), n + 1).float()
    value = F.one_hot(ids, V).float()                                       # 256, n, V
    logits = gain * F.scaled_dot_product_attention(50 * query, key, value, attn_mask=mask[kind], scale=1.0)
    return F.cross_entropy(logits[:, :-1].transpose(1, 2), ids[:, 1:], reduction="none").mean(0)    # n - 1
# --8<-- [end:copy]


loss = {kind: torch.stack([copying(kind, gain) for gain in (0, 1, 3, 10, 30)]) for kind in mask}   # gains, n - 1
copied = {kind: (x.amin(0) < 0.01).nonzero()[:, 0].tolist() for kind, x in loss.items()}
assert copied == {"causal": [], "prefix": list(range(P - 1))}, f"copied: {copied}"
print(f"copied: the head brings the loss of the first {len(copied['prefix'])} positions of the prefix to 0, "
      f"of {len(copied['causal'])} under the causal mask")
rest = [t for t in range(n - 1) if t not in copied["prefix"]]
honest = [loss["causal"].mean(1).min().item(), loss["prefix"][:, rest].mean(1).min().item()]
assert max(abs(x - floor) for x in honest) < 0.01 and len(rest) == n - P, f"honest: {honest}"
print(f"honest: entropy {floor:.2f}; best loss of the causal mask {honest[0]:.2f}, "
      f"of the targets behind a prefix {honest[1]:.2f}")
claimed, actual = floor, loss["prefix"][:, copied["prefix"]].mean(1).min().item()    # what a prediction can reach
print(f"claimed {claimed:.2f}, actual {actual:.2f}: loss on random tokens inside a bidirectional prefix")
assert actual < 0.01 < 4 < claimed, f"not-a-prediction: {actual:.4f}, not {claimed:.2f}"

model = LlamaForCausalLM(LlamaConfig(vocab_size=V, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                                     num_attention_heads=4, initializer_range=0.2)).double()
leak = {}
for kind, m in mask.items():
    x = torch.randn(1, n, 32, dtype=torch.float64)
    run = lambda x: model(inputs_embeds=x, attention_mask=m[None, None]).logits[0].logsumexp(-1)
    J = torch.autograd.functional.jacobian(run, x)[:, 0].abs().amax(-1) > 0             # n, n
    leak[kind] = J.diagonal(1).nonzero()[:, 0].tolist()                     # positions that see their own target
assert leak["causal"] == [] and leak["prefix"] == list(range(P - 1)), f"leak: {leak}"
print(f"leak: {len(leak['prefix'])} positions see the token they should predict; the last one of the prefix doesn't")
one = ids[0]
out = model(one[None], attention_mask=mask["prefix"][None, None], output_hidden_states=True)
F.cross_entropy(out.logits[0, P - 1:-1], one[P:]).backward(inputs=out.hidden_states)    # the targets alone
reached = [(h.grad[0].abs().amax(-1) > 0).nonzero()[:, 0].tolist() for h in out.hidden_states]
into, last = reached[:-1], reached[-1]                                      # what enters each layer, the output
assert into == [list(range(n - 1))] * 2 and last == list(range(P - 1, n - 1)), f"still-trained: {reached}"
print(f"still-trained: the loss on {len(last)} targets has a gradient at all {P} prefix tokens in each layer; "
      f"of the outputs only the last one of the prefix, number {last[0]}, predicts")

n = 626                                                                     # @wang2022architecture, §3.2
splits = torch.arange(1, n)                                                 # @google2022t5
weight = torch.arange(n) >= splits[:, None]                                 # splits, n: tokens with a loss
kept, seen = Fraction(weight.sum().item(), weight.numel()), 131072 * 2048 * n / 1e9     # steps, sequences a step
assert torch.equal(weight.sum(1), n - splits), "behind: the loss is on all tokens behind the split"
assert kept == Fraction(1, 2) and round(seen) == 168, f"half: {float(kept)} of {seen:.1f}"
print(f"half: {float(kept):.3f} of {n} tokens have a loss: {float(kept) * seen:.0f} of {seen:.0f} billion")
