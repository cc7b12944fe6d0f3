"""Refutes: weights and activation functions are quantized. What W8A8 quantizes in a LLaMA block, found by hooks."""
import torch
from transformers import LlamaConfig, LlamaModel

torch.manual_seed(0)
config = LlamaConfig(hidden_size=64, intermediate_size=172, num_hidden_layers=1, num_attention_heads=4, vocab_size=99)
model = LlamaModel(config).eval()
tokens = torch.randint(0, 99, (1, 16))
block = model.layers[0]
linear = {name: m for name, m in block.named_modules() if isinstance(m, torch.nn.Linear)}
inputs, produced = {}, []
for name, m in linear.items():
    m.register_forward_hook(lambda m, args, out, name=name: inputs.__setitem__(name, args[0]))
block.mlp.act_fn.register_forward_hook(lambda m, args, out: produced.append(out))
with torch.no_grad():
    reference = model(tokens).last_hidden_state
tensors = {id(x): x for x in inputs.values()}           # q, k, v share an input, gate and up another
assert len(inputs) == 7 and not any(x is out for x in tensors.values() for out in produced), f"inputs: {len(inputs)}"
print(f"inputs: {len(inputs)} linear layers; none is fed by the activation function alone, SiLU's output is gated first")
claimed, actual = len(produced), len(tensors)
print(f"claimed {claimed}, actual {actual}: tensors between the weights to quantize, by outputs of the function "
      "and by inputs of linear layers")
assert claimed + 2 < actual, f"not-function: {actual}, not {claimed}"
stored = sum(p.numel() for p in block.mlp.act_fn.parameters())
assert len(produced) == 1 and stored == 0, f"nothing-to-store: {stored}"
print(f"nothing-to-store: SiLU runs {len(produced)} time in a block and has {stored} parameters")


def fake(x):                                           # int8 and back: a scale per token, or per output channel
    s = x.abs().amax(-1, keepdim=True) / 127
    return (x / s).round() * s


def run(weights, activations):
    for m in linear.values():
        m.kept, m.weight.data = m.weight.data, fake(m.weight.data) if weights else m.weight.data
    hooks = [m.register_forward_pre_hook(lambda m, args: (fake(args[0]),)) for m in linear.values()] if activations else []
    with torch.no_grad():
        out = model(tokens).last_hidden_state
    for m in linear.values():
        m.weight.data = m.kept
    for hook in hooks:
        hook.remove()
    return ((out - reference).norm() / reference.norm()).item()


w = linear["mlp.up_proj"].weight.data
library = torch.fake_quantize_per_channel_affine(w, w.abs().amax(1) / 127, torch.zeros(len(w)), 0, -127, 127)
assert torch.allclose(fake(w), library, atol=1e-7), "library: the same as PyTorch's"
weights, activations, both = run(True, False), run(False, True), run(True, True)
assert run(False, False) == 0 and abs(both / (weights ** 2 + activations ** 2) ** 0.5 - 1) < 0.1, "w8a8: errors add"
assert max(weights, activations, both) < 0.02, f"small: {both}"
print("w8a8: in int8, weights, inputs and both change the output by less than 2%; the errors are independent")
