"""Refutes: softmax(Q K^T / sqrt(d_k)) V is all that GPT computes. Unmasked, or masked in the wrong place, it leaks."""
import torch
import torch.nn.functional as F
from transformers import GPT2Config, GPT2Model

torch.manual_seed(0)
config = GPT2Config(n_layer=1, n_embd=64, n_head=4, vocab_size=50, n_positions=16, initializer_range=0.1,
                    bos_token_id=0, eos_token_id=0)
model = GPT2Model(config).eval()
one = torch.randint(0, 50, (1, 8))
two = one.clone()
two[0, -1] = (two[0, -1] + 1) % 50                             # only the last token differs


def moved(bare):
    """How many of the 7 earlier outputs notice that token 8 changed; bare: the formula exactly as written."""
    mask = torch.zeros(1, 1, 8, 8) if bare else None           # a 4-D mask replaces the causal one
    with torch.no_grad():
        x, y = (model(ids, attention_mask=mask).last_hidden_state[0, :-1] for ids in (one, two))
    return ((x - y).norm(dim=-1) / x.norm(dim=-1) > 1e-5).sum().item()


claimed, actual = moved(bare=True), moved(bare=False)
print(f"claimed {claimed}, actual {actual}: earlier outputs, of 7, that see the 8th token")
assert actual == 0 and claimed == 7, f"not-maskless: {claimed} of 7 see the future bare, {actual} masked"

N, d = 8, 16
past = torch.ones(N, N, dtype=torch.bool).tril()
equal = torch.ones(N, N, dtype=torch.float64)                  # every score is 1: no key is preferred
sums = (equal.softmax(-1) * past).sum(-1)                      # zeroed after the softmax
assert torch.allclose(sums, torch.arange(1, N + 1) / sums.new_tensor(N)), f"mask-after: the rows sum to {sums}"
print("mask-after: zeroed after the softmax, the rows sum to", *(f"{x:.3f}" for x in sums))
leak = ((equal * past).softmax(-1) * ~past).sum(-1)[0]         # a score of 0 is exp(0) = 1, not nothing
assert abs(leak - 7 / (7 + torch.e)) < 1e-12, f"times-zero: {leak:.2f} of the first row lies in the future"
print(f"times-zero: scores multiplied by 0 leave the first token {leak:.2f} of its weight in the future")

Q, K, V = torch.randn(3, N, d, dtype=torch.float64)
after = (Q @ K.T / d ** 0.5).softmax(-1) * past
exact = F.scaled_dot_product_attention(Q, K, V, is_causal=True)
assert (after / after.sum(-1, keepdim=True) @ V - exact).abs().max() < 1e-13, "renormalize: rows divided by their sum"
assert (after @ V - exact)[:-1].abs().amax(-1).min() > 1e-3, "not-renormalized: every row but the last is wrong"
print("renormalize: divided by the row sums again, it equals minus infinity before the softmax; undivided, it does not")
