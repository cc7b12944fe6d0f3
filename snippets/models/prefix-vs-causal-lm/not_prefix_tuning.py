"""Refutes: a prefix LM puts a learnable, task-specific prefix in front of the input. That is prefix tuning."""
import torch
from transformers import DynamicCache, GPT2Config, GPT2LMHeadModel


def mask(n, P):
    i, j = torch.arange(n)[:, None], torch.arange(n)
    return (j <= i) | (j < P)                                               # n, n


def learnable(config, m):
    """Prefix tuning: m free keys and values in each layer, the model frozen."""
    shape = 1, config.n_head, m, config.n_embd // config.n_head
    return [torch.randn(shape, dtype=torch.float64, requires_grad=True) for _ in range(2 * config.n_layer)]


def with_cache(free):
    cache = DynamicCache()
    for layer in range(len(free) // 2):
        cache.update(*free[2 * layer:2 * layer + 2], layer)
    return cache


medium = GPT2Config(n_layer=24, n_embd=1024, n_head=16)
size = {m: sum(x.numel() for x in learnable(medium, m)) for m in (5, 10)}
rounded = {m: round(x / 1e3, -1) for m, x in size.items()}
assert rounded == {5: 250, 10: 490} and size[10] == 2 * 24 * 10 * 1024, f"paper: {rounded}"    # @li2021prefix, §6.1
print(f"paper: {size[5]} free numbers for 5 positions, {size[10]} for 10; the paper says 250K and 500K")

with torch.device("meta"):                                                  # shapes only, no arithmetic
    gpt2 = GPT2LMHeadModel(medium)
    ids, full = torch.zeros(1, 16, dtype=torch.long), torch.ones(1, 1, 16, 16, dtype=torch.bool)
weights = list(gpt2.parameters())
loss = gpt2(ids, attention_mask=full, use_cache=False).logits[:, 8:].sum()  # a mask goes in, nothing else
used = sum(g.numel() for g in torch.autograd.grad(loss, weights))           # fails if one were unused
claimed, actual = size[10], used - sum(p.numel() for p in weights)
print(f"claimed {claimed}, actual {actual}: parameters that the prefix of a prefix LM adds to GPT-2 medium")
assert claimed > 100_000 > actual == 0, f"not-learnable: {actual}, not {claimed}"

torch.manual_seed(0)
small = GPT2Config(vocab_size=50, n_layer=2, n_embd=32, n_head=4, initializer_range=0.2,
                   bos_token_id=None, eos_token_id=None)
model, n, P = GPT2LMHeadModel(small).double().eval(), 6, 3
free = learnable(small, 5)


def depends(**kwargs):
    """Which logits of the input depend on which of its tokens: n, n."""
    x = torch.randn(1, n, 32, dtype=torch.float64)
    J = torch.autograd.functional.jacobian(lambda x: model(inputs_embeds=x, **kwargs).logits[0].logsumexp(-1), x)
    return J[:, 0].abs().amax(-1) > 0


cache = with_cache(free)
seen = {"causal LM": depends(), "prefix tuning": depends(past_key_values=cache),
        "prefix LM": depends(attention_mask=mask(n, P)[None, None])}
right = {name: torch.equal(m, mask(n, P if name == "prefix LM" else 0)) for name, m in seen.items()}
assert all(right.values()) and len(right) == 3 and cache.get_seq_length() == 5 + n, f"ahead: {right}"
print("ahead: token 0 sees token 1:", {name: bool(m[0, 1]) for name, m in seen.items()})
logits = model(torch.zeros(1, n, dtype=torch.long), past_key_values=with_cache(free)).logits
reached = sum(bool(g.abs().max() > 0) for g in torch.autograd.grad(logits.logsumexp(-1).sum(), free))
assert reached == len(free) == 4, f"trainable: {reached}"
print(f"trainable: prefix tuning: all {reached} free tensors get a gradient")
