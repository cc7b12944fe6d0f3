"""A reward model: the language model with its vocabulary head replaced by one row, read at the last real token."""
import torch
from transformers import GPT2Config, GPT2ForSequenceClassification
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification

torch.manual_seed(0)
PAD, EOS = 0, 2
tiny = dict(vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_labels=1, initializer_range=0.3)
rm = LlamaForSequenceClassification(LlamaConfig(pad_token_id=PAD, **tiny)).eval()
texts = [torch.cat([torch.randint(3, 50, (n,)), torch.tensor([EOS])]) for n in (4, 7, 9)]     # prompt, response, EOS


# --8<-- [start:pool]
def alone(ids):
    """By hand, without padding: hidden state of the last token, times one row of weights."""
    hidden = rm.model(ids[None]).last_hidden_state                   # 1, T, d
    return (hidden[0, -1] * rm.score.weight[0]).sum().item()         # (d,) times (d,)


def batch(left, pad=PAD):
    T = max(map(len, texts))
    fill = [torch.full((T - len(t),), pad) for t in texts]
    join = lambda p, t: torch.cat([p, t] if left else [t, p])
    ids = torch.stack([join(p, t) for p, t in zip(fill, texts)])
    mask = torch.stack([join(torch.zeros_like(p), torch.ones_like(t)) for p, t in zip(fill, texts)])
    return ids, mask                                                 # 3, T
# --8<-- [end:pool]


with torch.no_grad():
    oracle = torch.tensor([alone(t) for t in texts])
    for left in (False, True):
        ids, mask = batch(left)
        scores = rm(ids, attention_mask=mask).logits[:, 0]           # 3
        assert torch.allclose(scores, oracle, atol=1e-4), f"last-token: left {left}, {scores} and {oracle}"
    print("last-token: padded on either side, the scores are those of each text alone")

    ids, mask = batch(left=False)
    naive = rm.score(rm.model(ids, attention_mask=mask).last_hidden_state)[:, -1, 0]
    error = (naive - oracle).abs()
    assert error[:2].min() > 1e-3 and error[2] < 1e-4, f"naive: position -1 is padding for the shorter ones, {error}"
    print("naive: position -1 of a batch padded on the right reads the padding")

    rm.config.pad_token_id = EOS                                     # a common habit
    ids, mask = batch(left=False, pad=EOS)
    scores = rm(ids, attention_mask=mask).logits[:, 0]
    shorter = torch.tensor([alone(t[:-1]) for t in texts])
    assert torch.allclose(scores, shorter, atol=1e-4) and (scores - oracle).abs().min() > 1e-3, \
        f"pad-is-eos: {scores} are the scores without EOS, {shorter}"
    print("pad-is-eos: with pad = EOS the score is read one token early, before EOS")

    config = GPT2Config(vocab_size=50, n_embd=32, n_layer=2, n_head=4, num_labels=1, pad_token_id=PAD,
                        bos_token_id=EOS, eos_token_id=EOS, initializer_range=0.3)
    gpt2 = GPT2ForSequenceClassification(config).eval()
    single = torch.stack([gpt2(t[None]).logits[0, 0] for t in texts])
    ids, mask = batch(left=True)
    shifted = gpt2(ids, attention_mask=mask).logits[:, 0]
    right = gpt2(ids, attention_mask=mask, position_ids=(mask.cumsum(1) - 1).clamp(min=0)).logits[:, 0]
    assert (shifted - single)[:2].abs().min() > 1e-3 and torch.allclose(right, single, atol=1e-4), \
        f"learned-positions: {shifted - single} without position_ids, {right - single} with them"
    print("learned-positions: padded on the left, GPT-2 needs position_ids, or the scores change")

with torch.device("meta"):                                           # shapes only; the defaults are LLaMA-2-7B's
    config = LlamaConfig(num_labels=1)
    size = lambda make: sum(p.numel() for p in make(config).parameters())
    policy, reward = size(LlamaForCausalLM), size(LlamaForSequenceClassification)
V, d = config.vocab_size, config.hidden_size
assert policy - reward == V * d - d, f"size: policy {policy}, reward model {reward}"
print(f"size: LLaMA-2-7B {policy / 1e9:.3f} B, its reward model {reward / 1e9:.3f} B: a head of {V * d / 1e6:.0f} M becomes {d}")
