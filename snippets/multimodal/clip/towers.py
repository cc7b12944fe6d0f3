"""CLIP ViT-B/32: where its 151 million parameters are, and the loss of Figure 3, three times over."""
import numpy as np
import torch
from torch.nn.functional import cross_entropy, normalize
from transformers import CLIPConfig, CLIPModel

with torch.device("meta"):                                             # shapes only
    clip = CLIPModel(CLIPConfig())                                     # the defaults are ViT-B/32
count = lambda module: sum(p.numel() for p in module.parameters())
block = lambda d: 12 * d * d + 13 * d                                  # QKVO 4 d^2, MLP 8 d^2, biases 9 d, two norms 4 d
image = 3 * 32 * 32 * 768 + (1 + 49 + 1) * 768 + 12 * block(768) + 4 * 768    # patches, class, positions, two norms
text = (49408 + 77) * 512 + 12 * block(512) + 2 * 512                  # tokens, positions, blocks, one norm
joint = 768 * 512 + 512 * 512 + 1                                      # W_i, W_t, t
assert (count(clip.vision_model), count(clip.text_model)) == (image, text), f"towers: {image}, {text}"
assert count(clip) == image + text + joint, f"total: {count(clip)}"
print(f"towers: image {image / 1e6:.1f} M, text {text / 1e6:.1f} M")
print(f"total: {count(clip) / 1e6:.1f} M = {count(clip)} parameters; W_i, W_t and t are {joint / 1e6:.2f} M of them")

torch.manual_seed(0)
small = {"num_hidden_layers": 1, "initializer_factor": 4.0}            # the same widths, one layer
model = CLIPModel(CLIPConfig(text_config=small, vision_config=small)).eval()
N = 5
I = torch.randn(N, 3, 224, 224)
T = torch.cat([torch.full((N, 1), 49406), torch.randint(49406, (N, 75)), torch.full((N, 1), 49407)], 1)
out = model(pixel_values=I, input_ids=T, return_loss=True)


# --8<-- [start:loss]
def clip_loss(I_f, T_f, W_i, W_t, t):
    I_e = normalize(I_f @ W_i, dim=1)                                  # N, d_e
    T_e = normalize(T_f @ W_t, dim=1)                                  # N, d_e
    logits = t.exp() * I_e @ T_e.T                                     # N, N: image i, text j
    labels = torch.arange(len(logits))                                 # the pairs stand on the diagonal
    image_to_text = cross_entropy(logits, labels)                      # softmax over each row
    text_to_image = cross_entropy(logits.T, labels)                    # softmax over each column
    return (image_to_text + text_to_image) / 2
# --8<-- [end:loss]


I_f = out.vision_model_output.last_hidden_state[:, 0]                  # N, 768: the class token ...
I_f = model.vision_model.post_layernorm(I_f)
T_f = out.text_model_output.last_hidden_state[:, -1]                   # N, 512: ... and the [EOS] token
loss = clip_loss(I_f, T_f, model.visual_projection.weight.T, model.text_projection.weight.T, model.logit_scale)
S = out.logits_per_image.detach().double().numpy()                     # N, N
P_row, P_col = (np.exp(S) / np.exp(S).sum(axis, keepdims=True) for axis in (1, 0))
by_hand = -np.log(P_row.diagonal() * P_col.diagonal()).mean() / 2
assert abs(loss - out.loss) < 1e-5 and abs(by_hand - out.loss.item()) < 1e-5, f"same: {loss}, {out.loss}, {by_hand}"
print("same: transformers, two cross-entropies and the softmax by hand give one loss")

out.logits_per_image.retain_grad(), out.loss.backward()
G = (P_row + P_col - 2 * np.eye(N)) / (2 * N)                          # by the chain rule
by_t = (G * S).sum()                                                   # d logits / d t = logits
assert np.abs(G).max() > 0.01 and abs(by_t - model.logit_scale.grad.item()) < 1e-5, f"learned: {by_t}"
before = model.logit_scale.item()
torch.optim.SGD(model.parameters(), lr=0.5).step()                     # t is trained with all the other weights
step = model.logit_scale.item() - before
assert abs(step + 0.5 * by_t) < 1e-5, f"parameter: {step}"
start = CLIPConfig().logit_scale_init_value
temperature = np.exp(-start)
assert abs(temperature - 0.07) < 1e-5, f"start: {temperature}"         # radford2021clip, section 2.5
print("learned: t is a parameter; its gradient is the sum of G * logits")
print(f"start: t = {start:.4f}, a scale of {1 / temperature:.1f} = 1 / 0.07")
