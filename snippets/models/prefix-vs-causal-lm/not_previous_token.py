"""Refutes: causal means that a prediction depends on the previous token alone."""
import torch
from transformers import LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
n = 16
for layers in (1, 4):
    model = LlamaForCausalLM(LlamaConfig(vocab_size=50, hidden_size=32, intermediate_size=64, initializer_range=0.2,
                                         num_hidden_layers=layers, num_attention_heads=4)).double()   # causal
    x = torch.randn(1, n, 32, dtype=torch.float64)
    J = torch.autograd.functional.jacobian(lambda x: model(inputs_embeds=x).logits[0].logsumexp(-1), x)
    seen = (J[:, 0].abs().amax(-1) > 0).sum(1)                              # tokens behind each prediction
    assert seen.tolist() == list(range(1, n + 1)), f"grows: {seen.tolist()} with {layers} layers"
print(f"grows: position t depends on t + 1 tokens, up to {seen[-1]}, with 1 layer and with 4")

a = torch.randint(50, (1, n))
last = lambda ids: model(ids).logits[:, -1]
swap = lambda k: torch.where(torch.arange(n) == k, (a + 1) % 50, a)         # another token at position k
moved = [k for k in range(n) if not torch.allclose(last(a), last(swap(k)), atol=1e-3)]
only = {(swap(k) != a).sum().item() for k in range(n)}
assert moved == list(range(n)) and only == {1}, f"any-token: {moved}"
print(f"any-token: changing any one of the {len(moved)} tokens changes the last prediction; "
      "for a bigram model only the last one does")
claimed, actual = len(range(n)[-1:]), seen[-1].item()                       # the previous token alone
print(f"claimed {claimed}, actual {actual}: tokens that the prediction after token {n} depends on")
assert claimed < 2 < 15 < actual == n, f"not-previous-token: {actual}, not {claimed}"
