"""Refutes: CLIP writes the caption of an image. Which scores of the next token depend on the image?"""
import torch
from torch import nn
from transformers import CLIPConfig, CLIPModel, GPT2Config, GPT2LMHeadModel

torch.manual_seed(0)
small = {"num_hidden_layers": 1, "initializer_factor": 4.0}                # ViT-B/32's widths, one layer
clip = CLIPModel(CLIPConfig(text_config=small, vision_config=small)).eval()
K = 3                                                                      # candidate captions, written by somebody
texts = torch.cat([torch.full((K, 1), 49406), torch.randint(49406, (K, 6)), torch.full((K, 1), 49407)], 1)
picture = torch.randn(1, 3, 224, 224)


def moved(this, that):
    return (this - that).abs().max().item()


# --8<-- [start:blind]
with torch.no_grad():
    one, two = (clip(pixel_values=image, input_ids=texts) for image in (picture, -picture))
states = moved(one.text_model_output.last_hidden_state, two.text_model_output.last_hidden_state)    # K, 8, 512
scores = moved(one.logits_per_image, two.logits_per_image)                 # 1, K
# --8<-- [end:blind]
assert states == 0, f"blind: {states}"
assert scores > 0.01, f"meet: {scores}"
print("blind: another image, and every state of the text tower is the same")
print("meet: only the scores, one dot product per pair, depend on the image")

with torch.device("meta"):
    full = CLIPModel(CLIPConfig())
vocabulary, pixels = full.text_model.embeddings.token_embedding.num_embeddings, picture.numel()
heads = sum(m.out_features >= vocabulary for m in full.modules() if isinstance(m, nn.Linear))
ends = full.visual_projection.out_features, full.text_projection.out_features
assert heads == 0 and ends == (512, 512) and not clip.can_generate(), f"no-head: {heads}, {ends}"
# bytes inside and at the end of a word, merges, [SOS] and [EOS]
assert (vocabulary, pixels) == (2 * 256 + 48894 + 2, 3 * 224 ** 2), f"needed: {vocabulary}, {pixels}"
print(f"no-head: both towers end in {ends[0]} numbers; {heads} layers have an output for each token")
print(f"needed: {vocabulary} outputs for the next token, {pixels} for an image of 224 x 224")


class Captioner(nn.Module):
    """ClipCap's idea: CLIP's image vector, mapped to the prefix of a language model (random weights)."""
    def __init__(self):
        super().__init__()
        self.lm = GPT2LMHeadModel(GPT2Config(n_layer=1)).eval()            # GPT-2's width and vocabulary
        self.map = nn.Linear(512, 768)

    def forward(self, image):
        prefix = self.map(clip.get_image_features(image).pooler_output)    # 1, 768
        return self.lm(inputs_embeds=prefix[:, None]).logits[0, -1]        # 50257: the first word's


with torch.no_grad():
    captioner = Captioner()
    first, second = captioner(picture), captioner(-picture)
    # the fairest attempt: CLIP's text tower as a language model, its token embeddings as the output layer
    tied = clip.text_model.embeddings.token_embedding.weight               # 49408, 512
    attempt = [out.text_model_output.last_hidden_state[:, 3] @ tied.T for out in (one, two)]       # K, 49408


def changed(this, that):
    return (this != that).sum().item()


words = changed(*attempt[0][:2])
assert words > 0.99 * 49408, f"words: {words}"                             # another text does change them
heard = changed(first, second)
assert captioner.lm.can_generate() and heard > 0.99 * 50257, f"prefix: {heard} of {len(first)}"
print("prefix: behind a language model's prefix the image changes the scores of the next token")
listed = one.logits_per_image.numel()
assert listed == K, f"listed: {listed}"
print(f"listed: CLIP returns {listed} scores for an image and the {K} texts that it was handed")
claimed, actual = heard, changed(*attempt)           # CLIP's text would be about the image
print(f"claimed {claimed}, actual {actual}: scores of the next token that depend on the image, of a captioner and of CLIP")
assert claimed > 50000 and actual == 0, f"not-generate: {actual} of {len(tied)}, not {claimed} of {len(first)}"
