"""Training on texts that the teacher wrote is distillation too: all sequences of a tiny language, enumerated."""
from itertools import product
import torch
from transformers import LlamaConfig

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
V, L = 4, 3                                              # vocabulary, length: 64 sequences
texts = list(product(range(V), repeat=L))
prefixes = [x for n in range(L) for x in product(range(V), repeat=n)]
teacher = {x: (2 * torch.randn(V)).softmax(0) for x in prefixes}      # p(next | prefix)
w = torch.randn(V + 1, V, requires_grad=True)            # the student sees the last token only: a bigram model


# --8<-- [start:sequences]
def log_q(prefix):
    """The student: log-probabilities of the next token."""
    return w[prefix[-1] if prefix else V].log_softmax(0)


def p(text):
    """Probability that the teacher writes these tokens."""
    return torch.stack([teacher[text[:n]][text[n]] for n in range(len(text))]).prod() if text else torch.tensor(1.0)


def sft(text):
    """The ordinary loss of fine-tuning on one text: hard labels, no logits of the teacher."""
    return -sum(log_q(text[:n])[text[n]] for n in range(L))


def grad(loss):
    return torch.autograd.grad(loss, w)[0]               # (V + 1, V)


by_text = sum(p(x) * grad(sft(x)) for x in texts)        # what fine-tuning follows on average
by_token = grad(-sum(p(x) * teacher[x] @ log_q(x) for x in prefixes))  # soft labels at every prefix the teacher writes
q = lambda x: torch.stack([log_q(x[:n])[x[n]] for n in range(L)]).sum()
forward = grad(sum(p(x) * (p(x).log() - q(x)) for x in texts))         # KL(teacher || student) over whole texts
# --8<-- [end:sequences]

assert torch.allclose(by_text, by_token, atol=1e-12), "chain: hard labels on sampled texts, soft labels on every token"
assert torch.allclose(by_text, forward, atol=1e-12) and forward.norm() > 0.1, "forward: the gradient of the sequence-level forward KL"
print("forward: on average, fine-tuning on the teacher's texts follows the gradient of the forward KL")

for x in prefixes:                                       # at one token: a drawn hard label against the soft one
    t = teacher[x]
    hard = torch.eye(V) - log_q(x).exp().detach()        # (V, V) row k: minus the gradient if token k is drawn
    soft = t - log_q(x).exp().detach()
    spread = (t * (hard - soft).square().sum(1)).sum()
    assert torch.allclose(t @ hard, soft) and torch.isclose(spread, 1 - t @ t), f"variance: 1 - sum p^2 after {x}"
print("variance: a drawn hard label has the soft label's gradient as its mean, and 1 - sum p^2 as its variance")

mode = max(texts, key=p)                                 # beam search: only the most probable text
cosine = torch.cosine_similarity(grad(sft(mode)).flatten(), forward.flatten(), 0).item()
assert p(mode) == max(map(p, texts)) < 0.5 and cosine < 0.95, f"mode: probability {p(mode):.2f}, cosine {cosine:.2f}"
print(f"mode: the best text has probability {p(mode):.2f}")

llama3 = 128_000 + 256                                   # 128K tokens (@grattafiori2024llama3, §3.2), 256 reserved
for name, size in (("LLaMA-2", LlamaConfig().vocab_size), ("Llama 3", llama3)):
    full, top, hard = 2 * size, 64 * (2 + 4), 4          # bytes a token: fp16 logits; 64 of them with int32 ids; the id
    print(f"storage: {name}: {full / 1e3:.1f} kB a token in full, {top} B for the top 64, {hard} B for the token; "
          f"10^9 tokens: {full / 1e3:.1f} TB, {top / 1e3:.3f} TB, {hard / 1e3:.3f} TB")
    assert full == size * torch.finfo(torch.float16).bits // 8 and full > 150 * top > 10000 * hard, f"storage: {full} B, {top} B"
