"""Refutes: the difference is that a causal LM can't see the future while it generates. Neither can a prefix LM."""
import torch
from transformers import LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
P, m = 6, 8                                                                 # prompt, generated tokens
n = P + m
model = LlamaForCausalLM(LlamaConfig(vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                                     num_attention_heads=4, initializer_range=0.2)).double()
i, j = torch.arange(n)[:, None], torch.arange(n)


def depends(mask):
    """Which logits depend on which token: n, n."""
    run = lambda x: model(inputs_embeds=x, attention_mask=mask[None, None]).logits[0].logsumexp(-1)
    x = torch.randn(1, n, 32, dtype=torch.float64)
    return torch.autograd.functional.jacobian(run, x)[:, 0].abs().amax(-1) > 0


causal, prefix = depends(j <= i), depends((j <= i) | (j < P))
future = torch.ones(n, n, dtype=torch.bool).triu(1)
differ = causal != prefix
assert differ[:P].sum() == P * (P - 1) // 2 and not differ[P:].any(), f"where: {differ.sum(1).tolist()}"
print(f"where: {differ[:P].sum()} pairs differ in the {P} rows of the prompt, "
      f"{differ[P:].sum()} in the {m} rows of the generated tokens")
given = causal[P:, :P]
assert given.all() and causal[-1].sum() == n, f"given: {given.sum()} of {m * P}"
print(f"given: each of the {m} generated positions depends on all {P} tokens of the prompt, which nobody generated")
claimed, actual = future[P:].sum().item(), (prefix & future)[P:].sum().item()   # if only causal were blind
print(f"claimed {claimed}, actual {actual}: pairs in which a generated token of the prefix LM sees a later one")
assert claimed == m * (m - 1) // 2 > 20 > actual == 0, f"not-generation: {actual}, not {claimed}"
