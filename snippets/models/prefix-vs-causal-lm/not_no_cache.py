"""Refutes: a prefix LM can't use a KV cache, because its attention is bidirectional."""
import torch
from transformers import DynamicCache, LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
P, m = 32, 16                                                               # prefix, tokens to generate
model = LlamaForCausalLM(LlamaConfig(vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=3,
                                     num_attention_heads=4, initializer_range=0.2)).double().eval()
work = []                                                                   # tokens that go through the layers
model.model.embed_tokens.register_forward_hook(lambda *args: work.append(args[-1].shape[1]))


def mask(n):
    i, j = torch.arange(n)[:, None], torch.arange(n)
    return ((j <= i) | (j < P))[None, None]                                 # 1, 1, n, n


@torch.no_grad()
def generate(ids, use_cache):
    """Greedy decoding of m tokens after the prefix, with the mask of a prefix LM; the ids and the logits."""
    work.clear()
    cache, out = DynamicCache() if use_cache else None, []
    for _ in range(m):
        n = ids.shape[1]
        new = ids[:, cache.get_seq_length():] if use_cache else ids
        rows = mask(n)[:, :, n - new.shape[1]:]                             # the mask's rows of the new tokens
        out.append(model(new, attention_mask=rows, past_key_values=cache).logits[:, -1])
        ids = torch.cat([ids, out[-1].argmax(-1, keepdim=True)], 1)
    return ids, torch.stack(out), sum(work)


drawn = torch.ones(P + m, P + m, dtype=torch.bool).tril()
drawn[:P, :P] = True
assert torch.equal(mask(P + m)[0, 0], drawn) and mask(P).all(), "mask: the prefix sees all of itself"
prompt = torch.randint(50, (1, P))
slow, slow_logits, claimed = generate(prompt, use_cache=False)              # every step from the start
fast, fast_logits, actual = generate(prompt, use_cache=True)
error = (slow_logits - fast_logits).abs().max().item()
assert error < 1e-10 and torch.equal(slow, fast), f"exact: {error:.1e}"
print(f"exact: {m} greedy tokens, the same ids and the same logits with and without the cache")
assert work == [P] + [1] * (m - 1), f"one-piece: {work}"
print(f"one-piece: the prefix of {work[0]} in one pass, then {len(work) - 1} passes of one token")
causal, full = (model(prompt, attention_mask=m).logits for m in (mask(P).tril(), mask(P)))
same = [torch.allclose(full[:, -1], fast_logits[0]), torch.allclose(full, causal, atol=0.1)]
assert same == [True, False], f"bidirectional: {same}, a causal prefix would give other logits"
print(f"claimed {claimed}, actual {actual}: tokens that go through the layers to generate {m}")
assert claimed == sum(range(P, P + m)) > 10 * actual > 0, f"not-uncachable: {actual}, not {claimed}"
