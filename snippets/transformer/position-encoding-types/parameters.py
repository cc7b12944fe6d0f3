"""Learned position parameters of real configurations, and what happens one token beyond the trained length."""
import logging
import torch
from transformers import (BertConfig, BertModel, BloomConfig, BloomModel, GPT2Config, GPT2Model, Llama4TextConfig,
                          LlamaConfig, LlamaModel, T5Config, T5Model)

logging.disable(logging.WARNING)
torch.manual_seed(0)


def count(Model, config):
    with torch.device("meta"):                                                 # shapes only, no memory
        return sum(p.numel() for p in Model(config).parameters())


# --8<-- [start:count]
# the released sizes; the parameters of all that isn't position, by hand; the position table
d, w, b = 768, 4096, 14336                                                     # widths: base models, LLaMA-2-7B, BLOOM
gelu_layer = lambda d: 12 * d * d + 13 * d                                     # Q, K, V, O, FFN with biases, two LayerNorms
t5_attention, t5_ffn = 4 * d * d + d, 2 * d * 3072 + d                         # no biases; each with its RMSNorm
REAL = {
    "BERT-base": (BertModel, BertConfig(), (30522 + 2 + 2) * d + 12 * gelu_layer(d) + d * d + d, 512 * 768),
    "GPT-2": (GPT2Model, GPT2Config(), 50257 * d + 12 * gelu_layer(d) + 2 * d, 1024 * 768),
    "T5-base": (T5Model, T5Config(num_layers=12, num_heads=12, d_model=d, d_ff=3072),
                (32128 + 2) * d + 12 * (3 * t5_attention + 2 * t5_ffn), 2 * 32 * 12),   # one table in each stack
    "LLaMA-2-7B": (LlamaModel, LlamaConfig(max_position_embeddings=4096),
                   32000 * w + 32 * (4 * w * w + 3 * w * 11008 + 2 * w) + w, 0),
    "BLOOM-176B": (BloomModel, BloomConfig(hidden_size=b, n_layer=70, n_head=112, vocab_size=250880),
                   250880 * b + 70 * gelu_layer(b) + 4 * b, 0),
}
for name, (Model, config, rest, table) in REAL.items():
    position = count(Model, config) - rest
    assert position == table, f"parameters: {name}: {position}"
    print(f"parameters: {name:11}{position:7,} of {count(Model, config):,}")
# --8<-- [end:count]

with torch.device("meta"):
    tables = [key for key, _ in T5Model(T5Config(num_layers=12)).named_parameters() if "relative_attention_bias" in key]
assert tables == [f"{stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
                  for stack in ("encoder", "decoder")], f"t5-tables: {tables}"
print("t5-tables:", *tables, sep="\n  ")

rotated = Llama4TextConfig().no_rope_layers                                    # 1: with RoPE, despite the name
plain = [layer for layer, rope in enumerate(rotated, 1) if not rope]
assert plain == list(range(4, len(rotated) + 1, 4)), f"llama4: {plain}"
print(f"llama4: {len(rotated)} layers, every fourth without any encoding: {rotated.count(0)}")

small = dict(vocab_size=9, num_hidden_layers=1, hidden_size=8, num_attention_heads=2, bos_token_id=0, eos_token_id=0)
narrow = small | dict(intermediate_size=8)
MODELS = {                                                                     # narrow, with the real limits
    "BERT": (BertModel(BertConfig(**narrow)), 512), "GPT-2": (GPT2Model(GPT2Config(**small)), 1024),
    "T5": (T5Model(T5Config(vocab_size=9, num_layers=1, d_model=8, num_heads=2, d_kv=4, d_ff=8)).encoder, 512),
    "ALiBi": (BloomModel(BloomConfig(**small)), 2048),
    "RoPE": (LlamaModel(LlamaConfig(**narrow, max_position_embeddings=4096)), 4096),
}
for name, (model, limit) in MODELS.items():
    runs = []
    for n in (limit, limit + 1):
        try:
            out = model.eval()(input_ids=torch.ones(1, n, dtype=torch.long)).last_hidden_state
            runs.append(out.isfinite().all().item())
        except (IndexError, RuntimeError):                                     # no such row
            runs.append(False)
    rows = [p.shape[0] for key, p in model.named_parameters() if "position_embeddings" in key or "wpe" in key]
    print(f"beyond: {name}: {limit} tokens {'run' if runs[0] else 'fail'}, {limit + 1} {'run' if runs[1] else 'fail'}")
    assert rows == ([limit] if name in ("BERT", "GPT-2") else []), f"rows: {name}: {rows}"
    assert runs == [True, not rows], f"beyond: {name}: {limit}, {limit + 1}: {runs}"
