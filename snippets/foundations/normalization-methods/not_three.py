# bagu: seconds=40
"""Refutes: the usual norms are LayerNorm, BatchNorm and InstanceNorm. Count what decoder LLMs are built of."""
import torch
from transformers import AutoModel, DeepseekV3Config, Gemma2Config, LlamaConfig, Olmo2Config, Qwen3Config

answer = (torch.nn.LayerNorm, torch.nn.modules.batchnorm._BatchNorm, torch.nn.modules.instancenorm._InstanceNorm)
total = covered = rms = 0
torch.manual_seed(0)
for Config in (LlamaConfig, Qwen3Config, Gemma2Config, Olmo2Config, DeepseekV3Config):
    with torch.device("meta"):
        model = AutoModel.from_config(Config(num_hidden_layers=2))
    for m in model.modules():
        if type(m).__name__.endswith("Norm"):
            total, covered = total + 1, covered + isinstance(m, answer)
            own = type(m)(16)                        # the same class on the CPU, tried on data
            x = torch.randn(4, 16) + 1
            rms += torch.allclose(own(x), torch.nn.functional.rms_norm(x, (16,), eps=1e-6), atol=1e-4)

assert rms == total > 20, f"rms: {rms} of {total} norms behave as RMSNorm"
print(f"rms: {rms} of {total} norm layers in five families give the output of RMSNorm")
claimed, actual = total, covered                     # the answer's list covers all of them; what it covers
print(f"claimed {claimed}, actual {actual} norm layers on the list")
assert actual < claimed / 2, f"not-three: the list covers {actual} of {claimed}"
