"""Refutes: CLIP draws the image of a text. One CLIP vector belongs to many images: two of them, solved for."""
import torch
from torch.autograd.functional import jacobian
from torch.nn.functional import normalize
from transformers import CLIPConfig, CLIPModel

torch.manual_seed(0)
d_e, side = 16, 32                                                         # 16 numbers for 3072 pixel values
wide = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
clip = CLIPModel(CLIPConfig(projection_dim=d_e, text_config={**wide, "projection_dim": d_e}, vision_config={
    **wide, "projection_dim": d_e, "image_size": side, "patch_size": 8})).double().eval()
for p in clip.parameters():
    if p.dim() > 1:
        torch.nn.init.normal_(p, std=p[0].numel() ** -0.5)                 # random weights, activations of order 1


# --8<-- [start:solve]
def vector(image):
    states = clip.vision_model(image.view(1, 3, side, side)).pooler_output
    return normalize(clip.visual_projection(states), dim=1)[0]             # d_e


def with_vector_of(target, image):
    """The image near the given one whose CLIP vector is that of the target (Gauss-Newton)."""
    while (miss := (target - vector(image)).detach()).norm() > 1e-10:      # d_e
        J = jacobian(vector, image, vectorize=True)                        # d_e, 3072
        image = image + torch.linalg.pinv(J, rtol=1e-9) @ miss             # the smallest change of the pixels
    return image
# --8<-- [end:solve]


texts = torch.cat([torch.full((9, 1), 49406), torch.randint(49406, (9, 6)), torch.full((9, 1), 49407)], 1)
with torch.no_grad():
    words = clip.text_projection(clip.text_model(texts).pooler_output)     # 9, d_e
image = torch.randn(3 * side * side, dtype=torch.float64)
rank = torch.linalg.matrix_rank(jacobian(vector, image)).item()
assert rank == d_e - 1, f"free: {rank}"                                    # the length is normalized away
differ, seen = [], []
for _ in range(3):
    picture, noise = torch.randn(2, 3 * side * side, dtype=torch.float64)
    other = with_vector_of(vector(picture), noise)
    before, after = ((vector(x) - vector(picture)).norm().item() for x in (noise, other))
    assert before > 0.1 and after < 1e-9, f"one-vector: {before}, then {after}"
    scores = [words @ vector(x) for x in (picture, other)]
    assert (scores[0] - scores[1]).abs().max() < 1e-6 < scores[0].std(), f"one-score: {scores}"
    seen.append(after)                                                     # all that CLIP sees of the difference
    differ.append((torch.dist(other, picture) / picture.norm()).item())
print("one-vector: two images, one CLIP vector; one-score: every text gives both the same score")
print(f"free: {rank} of the {picture.numel()} directions in which an image may change move its vector")
claimed, actual = max(seen), min(differ)                                   # if the vector determined the image
print(f"claimed {claimed:.1f}, actual {actual:.1f}: relative difference of two CLIP vectors, and of their images")
assert claimed < 0.1 < 2 ** 0.5 - 0.1 < actual < 2 ** 0.5 + 0.1, f"not-image: {actual:.1f}, not {claimed:.1f}"  # unrelated: sqrt 2
