"""Refutes: with the cache a decoding step costs the same at any length. Attention over the past remains."""
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import DynamicCache, LlamaConfig, LlamaModel

config = LlamaConfig(hidden_size=4096, intermediate_size=11008, num_hidden_layers=1, num_attention_heads=32,
                     attn_implementation="eager")              # one layer of LLaMA-2-7B, on the meta device


def step(T):
    """FLOPs of one decoding step of one layer behind T cached tokens: matrices, attention."""
    with torch.device("meta"), torch.no_grad():
        model, cache = LlamaModel(config), DynamicCache(config=config)
        model(torch.zeros(1, T, dtype=torch.long), past_key_values=cache)
        with FlopCounterMode(display=False) as counter:
            model(torch.zeros(1, 1, dtype=torch.long), past_key_values=cache)
    flops = {str(k): v for k, v in counter.get_flop_counts()["Global"].items()}
    attention = 4 * (T + 1) * config.hidden_size               # q K^T and A V: 2 x 2 (T + 1) d a head
    return sum(flops.values()), attention


(short, a), (long, b) = step(2047), step(4095)
assert long - short == b - a == 4 * 2048 * 4096, f"attention-part: {long - short} more FLOPs, attention accounts for {b - a}"
print(f"attention-part: from 2048 to 4096 keys a step grows by {(b - a) / 1e6:.1f} MFLOPs, all of it attention")
share = b / long
assert 0.1 < share < 0.2, f"share: {share:.3f}"
print(f"share: attention is {share:.0%} of a step's FLOPs at 4096 keys")
claimed, actual = short, long
print(f"claimed {claimed / 1e6:.0f}, actual {actual / 1e6:.0f}: MFLOPs a step and layer at 4096 keys")
assert actual > claimed, f"not-constant-step: {actual / 1e6:.0f} MFLOPs, not {claimed / 1e6:.0f}"
