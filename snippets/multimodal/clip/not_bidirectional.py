"""Refutes: CLIP's text encoder is a BERT. Which state depends on which token, in both real models."""
import torch
from transformers import BertConfig, BertModel, CLIPTextConfig, CLIPTextModel

torch.manual_seed(0)
n, SOS, EOS = 8, 49406, 49407
clip = CLIPTextModel(CLIPTextConfig(num_hidden_layers=2, initializer_factor=2.0)).double().eval()  # 512 wide, 8 heads
bert = BertModel(BertConfig(num_hidden_layers=2, hidden_size=512, num_attention_heads=8)).double().eval()
words = torch.randint(1000, 20000, (n - 2,)).tolist()


@torch.no_grad()
def depends(model, ids):
    """Does state i change when token j does? n, n."""
    states, seen = model(ids).last_hidden_state[0], []                     # n, 512
    for j in range(n):
        other = ids.clone()
        other[0, j] = 25000
        seen.append((model(other).last_hidden_state[0] - states).abs().amax(-1) > 1e-9)
    return torch.stack(seen, 1)


seen = {"CLIP": depends(clip, torch.tensor([[SOS, *words, EOS]])),
        "BERT": depends(bert, torch.tensor([[*words, *words[:2]]]))}
assert torch.equal(seen["CLIP"], torch.ones(n, n).tril().bool()), "causal: state i depends on tokens 0 ... i"
print("causal: in CLIP's text encoder state i depends on tokens 0 ... i, and on no later one")


@torch.no_grad()
def feature(*ids):
    out = clip(torch.tensor([ids]))
    return out.pooler_output[0], out.last_hidden_state[0]                  # 512; n, 512


pooled, states = feature(SOS, *words, EOS)
last, first = states[-1], states[0]                                        # the states at [EOS] and [SOS]
assert torch.equal(pooled, last), "eos: the feature is the state at [EOS]"
padded = feature(SOS, *words, EOS, *words)[0]
assert torch.allclose(padded, pooled, atol=1e-9), "padding: what follows [EOS] changes nothing"
elsewhere = feature(SOS, *words[3:], EOS)[1][0]
assert torch.allclose(elsewhere, first, atol=1e-9), "sos: the same in another text"
print("eos: the feature is the state at [EOS]; what follows it changes nothing")
print("sos: the state at [SOS] is the same in every text, where BERT has its [CLS]")
backwards = words[::-1]
other, _ = feature(SOS, *backwards, EOS)
assert sorted(backwards) == sorted(words) and not torch.allclose(other, pooled, atol=0.05), "order: the same words, backwards"
print("order: the same words backwards, another feature")
claimed, actual = (seen[name].sum().item() for name in ("BERT", "CLIP"))
print(f"claimed {claimed}, actual {actual}: pairs (state, token) of {n} x {n} in which the state depends on the token")
assert claimed == n * n and actual == n * (n + 1) // 2, f"not-bidirectional: {actual}, not {claimed}"
