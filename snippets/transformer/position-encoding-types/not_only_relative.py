"""Refutes: with a relative encoding the model can't tell absolute positions. One token repeated, with a start token or not."""
import logging
import torch
from transformers import GPT2Config, GPT2Model, LlamaConfig, LlamaModel, T5Config, T5EncoderModel

logging.disable(logging.WARNING)
torch.manual_seed(0)
n = 24
common = {"vocab_size": 50, "bos_token_id": 0, "eos_token_id": 0, "initializer_range": 0.2}
models = {
    "RoPE, causal": LlamaModel(LlamaConfig(**common, num_hidden_layers=2, hidden_size=32, num_attention_heads=4,
                                           intermediate_size=64)),
    "T5 bias, no mask": T5EncoderModel(T5Config(vocab_size=50, num_layers=2, d_model=32, num_heads=4, d_kv=8, d_ff=64)),
    "learned, causal": GPT2Model(GPT2Config(**common, n_layer=2, n_embd=32, n_head=4)),
}


# --8<-- [start:kinds]
def kinds(model, start):
    """How many different outputs the n repeated tokens have, with `start` tokens of another kind before them."""
    ids = torch.tensor([[1] * start + [7] * n])
    with torch.no_grad():
        O = model.double().eval()(input_ids=ids).last_hidden_state[0, start:]  # n, d
    same = torch.cdist(O, O) < 1e-5 * O.norm(dim=-1).mean()                    # n, n: equal but for rounding
    return len({row.int().argmax().item() for row in same})                    # the first that is equal stands for all
# --8<-- [end:kinds]


for name, model in models.items():
    print(f"{name:17} {kinds(model, 0):2} different outputs of {n} without a start token, {kinds(model, 1):2} with one")
relative = [models["RoPE, causal"], models["T5 bias, no mask"]]
assert kinds(models["learned, causal"], 0) == n, f"learned: {kinds(models['learned, causal'], 0)}"
claimed, actual = (max(kinds(model, start) for model in relative) for start in (0, 1))
assert claimed == 1, f"alone: {claimed} output"
print(f"claimed {claimed}, actual {actual}: outputs that the repeated tokens have after a start token, RoPE or T5")
assert all(kinds(model, 1) == n for model in relative) and claimed + n - 1 == actual, f"not-only-relative: {actual}, not {claimed}"
