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
    free = {"prefix": j < t * (u + a) + u, "causal": j < 0,
            "blocks": (turn[:, None] == turn) & question[:, None] & question}[kind]
    return (j <= i) | free


def drawn(kind, t):
    """The same by hand, span by span."""
    m = torch.ones(len(i), len(i), dtype=torch.bool).tril()
    for k in {"prefix": [t], "causal": [], "blocks": range(turns)}[kind]:
        start, end = (0 if kind == "prefix" else 9 * k), 9 * k + 5
        m[start:end, start:end] = True
    return m


same = [torch.equal(mask(kind, t), drawn(kind, t)) for kind in ("prefix", "causal", "blocks") for t in range(turns)]
assert all(same) and len(same) == 3 * turns, f"masks: {same}"


@torch.no_grad()
def keys(mask, n):
    cache = DynamicCache()
    model(ids[:, :n], attention_mask=mask[None, None, :n, :n], past_key_values=cache)
    return [torch.cat([layer.keys, layer.values], -1)[0] for layer in cache.layers]     # heads, n, 2 d each


def change(before, after, k):
    """By how much the keys and values of the first k tokens differ, layer by layer, relative."""
    pairs = [(x[:, :k], y[:, :k]) for x, y in zip(before, after)]
    return [((x - y).norm() / y.norm()).item() for x, y in pairs]


old = u + a                                                                 # the first turn, then the second
drift = {kind: change(keys(mask(kind, 0), old), keys(mask(kind, 1), old + u), old)
         for kind in ("prefix", "causal", "blocks")}
assert drift["prefix"][0] < 1e-12 and min(drift["prefix"][1:]) > 0.1, f"drift: {drift['prefix']}"
print("drift: prefix LM: layer 0 keeps its keys and values, the others change by more than 10%")
assert max(drift["causal"] + drift["blocks"]) < 1e-12, f"kept: {drift}"
print("kept: causal LM and one block per question: no layer changes")

P, cut = 16, 8                                                              # a prefix prefilled in two chunks
whole = {kind: (j <= i) | (j < P if kind == "prefix" else j < 0) for kind in ("prefix", "causal")}
chunk = {kind: (m & (j < cut)) | (m & (i >= cut)) for kind, m in whole.items()}    # chunk 1 can't see chunk 2
split = {kind: change(keys(chunk[kind], P), keys(whole[kind], P), P) for kind in whole}
assert max(split["causal"]) < 1e-12 and min(split["prefix"][1:]) > 0.1, f"chunked: {split}"
print("chunked: the same chunks: exact for the causal LM, off by more than 10% for the prefix LM")


def encoded(kind):
    """Tokens of the prompts that have to run through the layers over all turns, reusing what has not changed."""
    total, done, state = 0, 0, None
    for t in range(turns):
        n = t * (u + a) + u
        now = keys(mask(kind, t), n + a)
        reuse = state is not None and max(change(state, now, done)) < 1e-9
        total, state, done = total + n - done * reuse, now, n + a           # the answer's are made as it is generated
    return total


claimed, actual = encoded("causal"), encoded("prefix")
print(f"claimed {claimed}, actual {actual}: prompt tokens to encode over {turns} turns")
assert claimed == turns * u and actual > 4 * claimed, f"not-reusable: {actual}, not {claimed}"
count = lambda u, a: sum(t * (u + a) + u for t in range(turns))             # the same with 256 and 256
assert actual == count(u, a) and count(256, 256) == turns ** 2 * 256, f"real: {count(256, 256)}"
print(f"real: with 256 and 256 tokens per turn {count(256, 256)} instead of {turns * 256}, "
      f"{count(256, 256) // (turns * 256)} times")
