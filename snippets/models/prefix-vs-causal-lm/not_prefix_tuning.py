"""Refutes: a prefix LM puts a learnable, task-specific prefix in front of the input. That is prefix tuning."""
import torch
from transformers import DynamicCache, GPT2Config, GPT2LMHeadModel

torch.set_default_dtype(torch.float64)


def mask(n, P):
    i, j = torch.arange(n)[:, None], torch.arange(n)
    return (j <= i) | (j < P)                                               # n, n


def learnable(config, m):
    """Prefix tuning: m free keys and values in each layer, the model frozen."""
    shape = 1, config.n_head, m, config.n_embd // config.n_head
    return [torch.randn(shape, requires_grad=True) for _ in range(2 * config.n_layer)]


def with_cache(free):
    cache = DynamicCache()
    for layer, pair in enumerate(zip(free[::2], free[1::2])):
        cache.update(*pair, layer)
    return cache


def new(model, logits):
    """How many numbers the logits can be differentiated by that aren't weights of the model; and how many that are."""
    own, leaves, nodes = {id(p) for p in model.parameters()}, {}, [logits.grad_fn]
    for node in nodes:                                                      # grows: all of the graph
        if hasattr(node, "variable"):
            leaves[id(node.variable)] = node.variable.numel()
        nodes += {before for before, _ in node.next_functions if before is not None}.difference(nodes)
    return [sum(n for leaf, n in leaves.items() if (leaf in own) is mine) for mine in (False, True)]


medium = GPT2Config(n_layer=24, n_embd=1024, n_head=16)
size = {m: sum(x.numel() for x in learnable(medium, m)) for m in (5, 10)}
rounded = {m: round(x / 1e3, -1) for m, x in size.items()}
assert rounded == {5: 250, 10: 490} and size[10] == 2 * 24 * 10 * 1024, f"paper: {rounded}"    # @li2021prefix, §6.1
print(f"paper: {size[5]} free numbers for 5 positions, {size[10]} for 10; the paper says 250K and 500K")

with torch.device("meta"):                                                  # shapes only, no arithmetic
    gpt2 = GPT2LMHeadModel(medium)
    ids, full = torch.zeros(1, 16, dtype=torch.long), torch.ones(1, 1, 16, 16, dtype=torch.bool)
    claimed, used = new(gpt2, gpt2(ids, past_key_values=with_cache(learnable(medium, 10))).logits)
    actual, same = new(gpt2, gpt2(ids, attention_mask=full).logits)         # a mask goes in, nothing else
assert used == same == sum(p.numel() for p in gpt2.parameters()), f"weights: {used}, {same}"
print(f"claimed {claimed}, actual {actual}: parameters that the prefix of a prefix LM adds to GPT-2 medium")
assert claimed == size[10] > 100_000 > actual == 0, f"not-learnable: {actual}, not {claimed}"

torch.manual_seed(0)
small = GPT2Config(vocab_size=50, n_layer=2, n_embd=32, n_head=4, initializer_range=0.2,
                   bos_token_id=None, eos_token_id=None)
model, n, P = GPT2LMHeadModel(small).eval(), 6, 3
free = learnable(small, 5)


def depends(**kwargs):
    """Which logits of the input depend on which of its tokens: n, n."""
    x = torch.randn(1, n, 32)
    J = torch.autograd.functional.jacobian(lambda x: model(inputs_embeds=x, **kwargs).logits[0].logsumexp(-1), x)
    return J[:, 0].abs().amax(-1) > 0


cache = with_cache(free)
seen = {"causal LM": depends(), "prefix tuning": depends(past_key_values=cache),
        "prefix LM": depends(attention_mask=mask(n, P)[None, None])}
right = {name: torch.equal(m, mask(n, P) if name == "prefix LM" else mask(n, P).tril()) for name, m in seen.items()}
assert all(right.values()) and len(right) == 3 and cache.get_seq_length() == 5 + n, f"ahead: {right}"
print("ahead: token 0 sees token 1:", {name: bool(m[0, 1]) for name, m in seen.items()})
logits = model(torch.zeros(1, n, dtype=torch.long), past_key_values=with_cache(free)).logits
reached = sum(bool(g.abs().max() > 0) for g in torch.autograd.grad(logits.norm(), free))
assert reached == len(free) == 4, f"trainable: {reached}"
print(f"trainable: prefix tuning: all {reached} free tensors get a gradient")
