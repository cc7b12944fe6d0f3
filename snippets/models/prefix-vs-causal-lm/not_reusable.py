"""Refutes: a prefix LM can go on with the last turn's KV cache, as a causal LM does."""
import torch
from transformers import DynamicCache, LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
u, a, turns = 5, 4, 8                                                       # tokens of a question, of an answer
model = LlamaForCausalLM(LlamaConfig(vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=3,
                                     num_attention_heads=4, initializer_range=0.2)).double().eval()
ids = torch.randint(50, (1, turns * (u + a)))
i, j = torch.arange(ids.shape[1])[:, None], torch.arange(ids.shape[1])
turn, question = j // (u + a), j % (u + a) < u


def mask(kind, t):
    """Mask of turn t: all before its answer is prefix, or nothing is, or each question is a block of its own."""
    free = {"prefix": j < t * (u + a) + u, "causal": torch.tensor(False),
            "blocks": (turn[:, None] == turn) & question[:, None] & question}[kind]
    return (j <= i) | free


@torch.no_grad()
def keys(mask, n, cache=None):
    """Keys and values of the first n tokens, those that are not in the cache yet."""
    cache = DynamicCache() if cache is None else cache
    done = cache.get_seq_length()
    model(ids[:, done:n], attention_mask=mask[None, None, done:n, :n], past_key_values=cache)
    return [torch.cat([layer.keys, layer.values], -1)[0] for layer in cache.layers]     # heads, n, 2 d each


def change(before, after, k):
    """By how much the keys and values of the first k tokens differ, layer by layer, relative."""
    pairs = [(x[:, :k], y[:, :k]) for x, y in zip(before, after)]
    return [((x - y).norm() / y.norm()).item() for x, y in pairs]


ends = [(t + 1) * (u + a) for t in range(turns)]                            # tokens after each answer
state = {kind: [keys(mask(kind, t), n) for t, n in enumerate(ends)] for kind in ("prefix", "causal", "blocks")}
drift = {kind: [change(s[t], s[t + 1], ends[t]) for t in range(turns - 1)] for kind, s in state.items()}
first, deeper = [d[0] for d in drift["prefix"]], [x for d in drift["prefix"] for x in d[1:]]
assert max(first) < 1e-12 and min(deeper) > 0.1 and len(deeper) == 7 * 2, f"drift: {drift['prefix']}"
print("drift: prefix LM: layer 0 keeps its keys and values, the others change by more than 10%, at each new turn")
assert max(max(d) for d in drift["causal"] + drift["blocks"]) < 1e-12, f"kept: {drift}"
print("kept: causal LM and one block per question: no layer changes")

reused = DynamicCache()                                                     # as if nothing had changed
for t, n in enumerate(ends):
    seen = torch.ones(n, n, dtype=torch.bool).tril()
    seen[:, :n - a] = True                                                  # this turn's mask, drawn by hand
    assert torch.equal(seen, mask("prefix", t)[:n, :n]), f"mask: turn {t}"
    now = keys(seen, n, reused)                                             # but only the new tokens are encoded
blocks, meant = (max(change(now, state[kind][-1], n)) for kind in ("blocks", "prefix"))
assert blocks < 1e-12 and meant > 0.1, f"silent: {blocks:.1e}, {meant:.2f}"
print("silent: reusing the cache gives the keys and values of one block per question, not those of the prefix mask")

P, cut = 16, 8                                                              # a prefix prefilled in two chunks
ones = torch.ones(P, P, dtype=torch.bool)
whole = {"prefix": ones, "causal": ones.tril()}
chunk = {kind: m & ((j[:P] < cut) | (i[:P] >= cut)) for kind, m in whole.items()}   # chunk 1 can't see chunk 2
split = {kind: change(keys(chunk[kind], P), keys(whole[kind], P), P) for kind in whole}
assert max(split["causal"]) < 1e-12 and min(split["prefix"][1:]) > 0.1, f"chunked: {split}"
print("chunked: the same chunks: exact for the causal LM, off by more than 10% for the prefix LM")


def encoded(kind):
    """Tokens of the prompts that have to run through the layers over all turns, reusing what has not changed."""
    total, done, old = 0, 0, None
    for n, now in zip(ends, state[kind]):
        reuse = old is not None and max(change(old, now, done)) < 1e-9
        total, old, done = total + n - a - done * reuse, now, n             # the answer's are made as it is generated
    return total


claimed, actual = encoded("causal"), encoded("prefix")
print(f"claimed {claimed}, actual {actual}: prompt tokens to encode over {turns} turns")
assert claimed == turns * u and actual > 4 * claimed, f"not-reusable: {actual}, not {claimed}"
count = lambda u, a: sum(t * (u + a) + u for t in range(turns))             # the same with 256 and 256
assert actual == count(u, a) and count(256, 256) == turns ** 2 * 256, f"real: {count(256, 256)}"
print(f"real: with 256 and 256 tokens per turn {count(256, 256)} instead of {turns * 256}, "
      f"{count(256, 256) // (turns * 256)} times")
