"""Refutes: there is one GELU, and BERT and GPT-2 use the same function."""
import torch
import torch.nn.functional as F
from transformers import (BertConfig, DeepseekV3Config, GemmaConfig, GPT2Config, LlamaConfig, OPTConfig, Qwen2Config,
                          RobertaConfig, T5Config)
from transformers.activations import ACT2FN

torch.set_default_dtype(torch.float64)
x = torch.linspace(-8, 8, 16_001)
exact = x * torch.distributions.Normal(0, 1).cdf(x)              # the definition: x times P(Z <= x)
assert torch.allclose(F.gelu(x), exact, atol=1e-12), "definition: F.gelu is x Phi(x) by default"
tanh, quick = F.gelu(x, approximate="tanh"), x * torch.sigmoid(1.702 * x)
d_tanh, d_quick = (tanh - exact).abs().max().item(), (quick - exact).abs().max().item()
assert 4e-4 < d_tanh < 5e-4 and 0.02 < d_quick < 0.021, f"errors: {d_tanh:.5f} and {d_quick:.4f}"
print(f"errors: largest difference from x Phi(x): tanh form {d_tanh:.5f}, x sigmoid(1.702 x) {d_quick:.4f}")

kept = torch.rand(400_000, generator=torch.Generator().manual_seed(0)) < 0.5 * (1 + torch.erf(torch.tensor(0.8) / 2**0.5))
mask = 0.8 * kept.double().mean().item()                         # keep 0.8 with probability Phi(0.8)
assert abs(mask - F.gelu(torch.tensor(0.8)).item()) < 0.003, f"mask: {mask:.3f}"
print(f"mask: 0.8 kept with probability Phi(0.8) is {mask:.2f} on average, GELU(0.8) = {F.gelu(torch.tensor(0.8)).item():.2f}")
used = {"BERT": BertConfig().hidden_act, "RoBERTa": RobertaConfig().hidden_act, "GPT-2": GPT2Config().activation_function,
        "OPT": OPTConfig().activation_function, "T5": T5Config().feed_forward_proj, "Gemma": GemmaConfig().hidden_act,
        "LLaMA": LlamaConfig().hidden_act, "Qwen2": Qwen2Config().hidden_act, "V3": DeepseekV3Config().hidden_act}
print("configs: " + ", ".join(f"{k} {v}" for k, v in used.items()))
family = {"exact": exact, "tanh": tanh, "relu": x.clamp_min(0), "silu": x / (1 + torch.exp(-x))}
found = {k: next((n for n, y in family.items() if torch.allclose(ACT2FN[v](x), y)), "another") for k, v in used.items()}
assert list(found.values()) == ["exact"] * 2 + ["tanh"] + ["relu"] * 2 + ["tanh"] + ["silu"] * 3, f"configs: {found}"
bert, gpt2 = ACT2FN[used["BERT"]](x), ACT2FN[used["GPT-2"]](x)
claimed, actual = (bert - exact).abs().max().item(), (gpt2 - exact).abs().max().item()
print(f"claimed {claimed:.0e}, actual {actual:.0e}: largest difference between the two models' activation")
assert claimed < 1e-12 and 4e-4 < actual < 5e-4, f"not-one-gelu: they differ by {actual:.1e}"
