"""Refutes: every position encoding is either absolute or relative. One token repeated, so that only positions differ."""
import logging
import math
import torch
from transformers import (BertConfig, BertModel, BloomConfig, BloomModel, GPT2Config, GPT2Model, LlamaConfig, LlamaModel,
                          T5Config, T5Model)

logging.disable(logging.WARNING)
torch.manual_seed(0)
n, d, h = 12, 32, 4
common = {"vocab_size": 50, "bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0, "initializer_range": 0.3}
size = {"num_hidden_layers": 1, "hidden_size": d, "num_attention_heads": h, "intermediate_size": d}
bert = BertModel(BertConfig(**common, **size, is_decoder=True))
gpt2 = GPT2Model(GPT2Config(**common, n_layer=1, n_embd=d, n_head=h))
t5 = T5Model(T5Config(**common, num_layers=1, d_model=d, num_heads=h, d_kv=d // h, d_ff=d, decoder_start_token_id=0))
bloom = BloomModel(BloomConfig(**common, n_layer=1, hidden_size=d, n_head=h))
llama = LlamaModel(LlamaConfig(**common, **size))

angle = torch.arange(n)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)        # n, d/2
sinusoidal = torch.stack((angle.sin(), angle.cos()), -1).flatten(1)            # n, d
with_sinusoids = GPT2Model(gpt2.config)
with_sinusoids.wpe.weight.data[:n] = sinusoidal
formula = [[(math.sin, math.cos)[c % 2](p / 10000 ** (c // 2 * 2 / d)) for c in range(d)] for p in range(n)]
assert torch.allclose(with_sinusoids.wpe.weight[:n], torch.tensor(formula), atol=1e-6), "sinusoids: PE as in the paper"
ids, zeros = torch.full((1, n), 7), torch.zeros(1, n, dtype=torch.long)
METHODS = {
    "learned, BERT": (bert, {"input_ids": ids}),
    "sinusoidal": (with_sinusoids, {"input_ids": ids}),
    "T5 bias": (t5, {"input_ids": ids[:, :1], "decoder_input_ids": ids}),
    "ALiBi, BLOOM": (bloom, {"input_ids": ids}),
    "RoPE, LLaMA": (llama, {"input_ids": ids}),
    "none": (llama, {"input_ids": ids, "position_ids": zeros}),                # rotation by 0 is no rotation
}


# --8<-- [start:questions]
def varies(x):
    """Does x: n, ... differ from position to position, beyond rounding?"""
    return ((x.amax(0) - x.amin(0)).max() > 1e-3).item()                       # the values are of the order of 1


def questions(model, inputs):
    model.set_attn_implementation("eager")
    with torch.no_grad():
        out = model.double().eval()(**inputs, use_cache=True, output_hidden_states=True, output_attentions=True)
    decoder = "decoder_" if "decoder_input_ids" in inputs else ""
    cache = out.past_key_values.self_attention_cache if decoder else out.past_key_values
    K, V = cache.layers[0].keys[0], cache.layers[0].values[0]                  # h, n, d/h: as attention uses them
    S = out[decoder + "attentions"][0][0].log()                               # h, n, n: scores up to a constant per row
    S = S - S.diagonal(dim1=-2, dim2=-1)[..., None]
    bands = [S.diagonal(-k, -2, -1) for k in range(n)]                         # h, n - k: all pairs k apart
    spread = max((band.amax(-1) - band.amin(-1)).max() for band in bands).item()  # among pairs the same distance apart
    return (varies(out[decoder + "hidden_states"][0][0]), varies(K.transpose(0, 1)), varies(V.transpose(0, 1)),
            spread < 1e-3,                                                     # offset alone decides
            max(band.abs().max() for band in bands).item() > 1e-3)             # and it does matter
# --8<-- [end:questions]


table = {name: questions(*method) for name, method in METHODS.items()}
print(f"{'':16}input key   value offset alone  offset matters")
for name, row in table.items():
    print(f"{name:16}" + "".join(f"{('no', 'yes')[x]:{w}}" for x, w in zip(row, (6, 6, 6, 14, 0))))
written = {"learned, BERT", "sinusoidal"}
for name, (x, k, v, offset, matters) in table.items():
    assert x == v == (name in written), f"where: {name}: input {x}, value {v}"
    assert k == (name in written | {"RoPE, LLaMA"}), f"keys: {name}: {k}"
    assert offset == (name not in written), f"offset-alone: {name}: {offset}"
    assert matters == (name != "none"), f"matters: {name}: {matters}"
absolute = {name for name, (_, k, _, _, _) in table.items() if k}              # the position is written into the key
relative = {name for name, (*_, offset, matters) in table.items() if offset and matters}
encodings = set(table) - {"none"}                                              # none is no encoding, it must not count
claimed, actual = len(encodings), len(encodings & (absolute ^ relative))
print(f"claimed {claimed}, actual {actual}: encodings of {len(encodings)} that are exactly one of the two")
assert actual == 4 < claimed == len(METHODS) - 1, f"not-two-kinds: {actual} of {claimed}"
assert absolute & relative == {"RoPE, LLaMA"} and set(table) - absolute - relative == {"none"}, "both: RoPE; neither: none"
