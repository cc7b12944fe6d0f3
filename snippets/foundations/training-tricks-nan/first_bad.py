# bagu: seconds=60
"""Find the first bad module: its inputs are sound, its output isn't. Tried on every matrix of a small GPT-2."""
import torch
from transformers import GPT2Config, GPT2LMHeadModel

torch.manual_seed(0)
config = GPT2Config(n_layer=4, n_embd=32, n_head=4, vocab_size=100, n_positions=16, bos_token_id=0, eos_token_id=0)
model = GPT2LMHeadModel(config).eval()
ids = torch.randint(100, (2, 8))


# --8<-- [start:watch]
def tensors(x):
    if torch.is_tensor(x):
        return [x] if x.is_floating_point() else []
    return [t for y in (x.values() if isinstance(x, dict) else x if isinstance(x, (tuple, list)) else ()) for t in tensors(y)]


def watch(model):
    """Record each module whose inputs are sound and whose output isn't finite, innermost first, as hooks run on return.
    Not leaves alone: a NaN made between two leaves (softmax, division) is seen only by their parent."""
    bad, finite = [], lambda x: all(t.isfinite().all() for t in tensors(x))
    sound = lambda x: all((t < float("inf")).all() for t in tensors(x))      # no NaN, no +inf; -inf may stand in a mask

    def hook(name):
        return lambda module, args, kwargs, out: (
            bad.append(name) if sound(args) and sound(kwargs) and not finite(out) else None)
    handles = [m.register_forward_hook(hook(n), with_kwargs=True) for n, m in model.named_modules()]
    return bad, handles
# --8<-- [end:watch]


def dirty(model):                                        # the naive tool: every module with a NaN in its output
    names = []
    handles = [m.register_forward_hook(lambda m, a, out, n=n: names.append(n) if not all(
        t.isfinite().all() for t in tensors(out)) else None) for n, m in model.named_modules()]
    return names, handles


suspects = [n for n, p in model.named_parameters() if p.ndim == 2 and n.startswith("transformer.h")]
right, spread, before = [], [], model(ids, labels=ids).loss.item()
for name in suspects:
    kept = model.get_parameter(name)[0, 0].item()
    with torch.no_grad():
        model.get_parameter(name)[0, 0] = float("nan")   # one damaged number
        bad, h1 = watch(model)
        names, h2 = dirty(model)
        loss = model(ids, labels=ids).loss
        model.get_parameter(name)[0, 0] = kept
    [h.remove() for h in h1 + h2]
    right.append((bad[0] == name.removesuffix(".weight"), loss.isnan().item()))
    spread.append(len(names))
named = sum(first for first, _ in right)
assert right == [(True, True)] * 16 and named == len(suspects), f"first-bad: {named} of {len(suspects)} damaged layers named"
assert model(ids, labels=ids).loss.item() == before, "restored: the model is clean again, its loss is what it was"
print(f"first-bad: {named} of {len(suspects)} damaged layers are named first; the loss only says NaN")
# the last matrix soils c_proj, dropout, mlp, block, ln_f, transformer, lm_head and the model itself
assert min(spread) == spread[-1] == 8 and max(spread) == spread[0] > 30, f"spread: {min(spread)} to {max(spread)} modules look bad without the filter"
print(f"spread: without the filter {min(spread)} to {max(spread)} modules look bad")

x = torch.zeros(3, requires_grad=True)                   # the loss is finite, the gradient isn't: hooks see nothing
try:
    with torch.autograd.set_detect_anomaly(True, check_nan=True):
        loss = x.square().sum().sqrt()
        loss.backward()
except RuntimeError as error:
    message = str(error)
assert loss.isfinite() and "PowBackward0" in message, f"anomaly: {message}"
print(f"anomaly: {message}")
