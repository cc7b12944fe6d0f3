# bagu: seconds=60
"""Refutes: torch.no_grad() is enough for inference. Dropout follows train() and eval(), nothing else."""
import torch
import torch.nn.functional as F
from transformers import GPT2Config, GPT2LMHeadModel

torch.manual_seed(0)
small = {"n_layer": 3, "n_embd": 96, "n_head": 4, "vocab_size": 500, "bos_token_id": None, "eos_token_id": None}
model = GPT2LMHeadModel(GPT2Config(**small))     # the default rates, 0.1
ids = torch.randint(500, (4, 32))
logp = lambda: model(ids[:, :-1]).logits.log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]    # (4, 31)


def noise():
    """Largest difference between two passes over the same tokens."""
    with torch.no_grad():
        return (logp() - logp()).abs().max().item()


actual = noise()                                 # no_grad, but still the training mode of a fresh model
model.eval()
claimed = noise()                                # a pass without any noise
with torch.set_grad_enabled(True):               # eval() doesn't stop gradients, as no_grad() doesn't stop dropout
    graph = logp().requires_grad
assert graph, "separate: eval() leaves autograd on"
old, loss = logp().detach(), model(ids, labels=ids).loss
assert abs(loss + old.mean()) < 1e-5, f"logp: the model's own loss {loss:.4f} is minus the mean of these, {old.mean():.4f}"
model.train()
ratio = (logp().detach() - old).exp()            # PPO: the same weights, no update yet, so it ought to be 1
assert (ratio - 1).abs().max() > 0.01 and abs(ratio.mean() - 1) < 0.1, f"ratio: from {ratio.min():.2f} to {ratio.max():.2f} before any update"
print(f"ratio: some probability ratios differ from 1 although no weight has changed: {bool((ratio != 1).any())}")

v = torch.eye(6)[None]                           # functional calls know no mode: eval() can't reach them
q = torch.randn(1, 6, 6)
always, weights = F.scaled_dot_product_attention(q, q, v, dropout_p=0.5), F.scaled_dot_product_attention(q, q, v)
kept, doubled = always != 0, weights / 0.5
assert not kept.all() and torch.allclose(always[kept], doubled[kept]), "sdpa: dropout_p is applied whatever the mode of the module around it"
dropped = (F.dropout(torch.ones(10_000), 0.2) == 0).double().mean()
assert 0.18 < dropped < 0.22, f"functional: F.dropout drops by default, training=True: {dropped:.2f} of the elements"
print("sdpa: dropout_p acts in eval mode too; functional: F.dropout has training=True by default")
print(f"claimed {claimed:.1f}, actual above 0: {actual > 0}")
assert claimed == 0 and actual > 0.01, f"not-eval: two passes under no_grad differ by {actual:.3f}, under eval by {claimed}"
