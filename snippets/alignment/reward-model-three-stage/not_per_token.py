"""Refutes: the reward model scores every token. It reads one position; the other rewards in PPO are the KL penalty."""
import torch
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification

torch.manual_seed(0)
config = LlamaConfig(vocab_size=50, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
                     num_labels=1, pad_token_id=0, initializer_range=0.3)
policy, sft = (LlamaForCausalLM(config).double().eval() for _ in range(2))
rm = LlamaForSequenceClassification(config).double().eval()
prompt, T, beta = 5, 7, 0.02                                                 # @ouyang2022instructgpt, C.4: beta
ids = torch.randint(3, 50, (1, prompt + T))                                  # 1, prompt + T

kept = []
rm.model.register_forward_hook(lambda module, inputs, output: kept.append(output.last_hidden_state))
score = rm(ids).logits[0, 0]
read = (torch.autograd.grad(score, kept[0])[0][0] != 0).any(dim=1)           # prompt + T
claimed, actual = T, read.sum().item()
print(f"claimed {claimed}, actual {actual}: positions of a response of {T} tokens that the score is read from")
assert actual == 1 < claimed and read[-1], f"not-per-token: {actual}, not {claimed}"


# --8<-- [start:rewards]
def token_logps(model):
    logits = model(ids).logits[0, prompt - 1:-1]                             # T, V: each predicts the next token
    return logits.log_softmax(-1).gather(1, ids[0, prompt:, None])[:, 0]     # T


with torch.no_grad():
    penalty = -beta * (token_logps(policy) - token_logps(sft))               # T: the KL penalty, token by token
    rewards = penalty.clone()
    rewards[-1] += rm(ids).logits[0, 0]                                      # the reward model speaks once, at the end
# --8<-- [end:rewards]
    labels = ids.clone()
    labels[0, :prompt] = -100
    logp = lambda model: -T * model(ids, labels=labels).loss                 # log-probability of the whole response
    bracket = score - beta * (logp(policy) - logp(sft))                      # inside equation 2
    assert abs(rewards.sum() - bracket) < 1e-5, f"sum: {rewards.sum():.6f} and {bracket:.6f}"
    spoken = (rewards != penalty).nonzero().flatten().tolist()
    assert spoken == [T - 1] and (penalty != 0).all(), f"once: the reward model speaks at position {spoken} of {T}, the penalty at each"
    print("sum: the rewards of all tokens add up to r - beta log(pi / pi_SFT) of the whole response")
    for t in range(prompt, prompt + T):                                      # another token at t; 2 is none of the others
        outputs = [rm.score(rm.model(x).last_hidden_state)[0, :, 0] for x in (ids, ids.index_fill(1, torch.tensor([t]), 2))]
        change = (outputs[0] - outputs[1]).abs()
        assert change[:t].max() < 1e-9 < 1e-3 < change[t:].min(), f"blind: token {t} moves {change}"
    print("blind: the head's output at a position changes with the tokens up to it, and with none after it")
