"""How long published warm-ups are, as a share of the run, and how many steps GPT-3's 375 M tokens were."""
from math import log

# --8<-- [start:share]
share = {                                        # warm-up / whole run, in the unit of the source
    "Transformer base": (4_000, 100_000),        # steps; Vaswani et al., sections 5.2 and 5.3
    "BERT": (10_000, 1_000_000),                 # steps; Devlin et al., A.2
    "GPT-3 175B": (375e6, 300e9),                # tokens; Brown et al., appendix B and table 2.1
    "LLaMA-7B": (2_000 * 4e6, 1.0e12),           # tokens: 2000 steps of 4 M; Touvron et al., section 2.3, table 2
}
# --8<-- [end:share]
percent = {name: 100 * w / total for name, (w, total) in share.items()}
in_steps = 100 * 2_000 / (1.0e12 / 4e6)              # LLaMA-7B again, now in steps
assert percent["LLaMA-7B"] == in_steps and percent["BERT"] == 1 and max(percent.values()) == 4, f"share: {percent}"
assert percent["GPT-3 175B"] == 100 / 800, f"gpt3-share: {percent}, 375 M is an 800th of 300 B"
print("share: " + ", ".join(f"{name} {p:.3g} %" for name, p in percent.items()))
print(f"llama: the first {2_000 * 4e6 / 1e9:.0f} B tokens of LLaMA-7B")

# GPT-3's batch grows linearly with the tokens seen, from 32 k to 3.2 M, over the first 4 to 12 B tokens.
small, full = 32e3, 3.2e6
naive = 375e6 / full


def steps(tokens, ramp):                         # integral of dt / batch(t), batch(t) = small + slope t
    slope = (full - small) / ramp
    return log((small + slope * tokens) / small) / slope


def counted(tokens, ramp):                       # the same, one batch after another
    seen = n = 0
    while seen < tokens:
        seen += small + (full - small) * seen / ramp
        n += 1
    return n


for ramp in (4e9, 12e9):
    assert abs(counted(375e6, ramp) / steps(375e6, ramp) - 1) < 0.01, f"counted: {counted(375e6, ramp)} batches"
low, high = counted(375e6, 4e9), counted(375e6, 12e9)
assert abs(low / steps(375e6, 4e9) - 1) < 0.01 and abs(high / steps(375e6, 12e9) - 1) < 0.01 and low > 20 * naive, f"gpt3: {low} to {high} steps with the growing batch, {naive:.0f} with the full one"
print(f"gpt3: 375 M tokens are {naive:.0f} full batches, but {low} to {high} steps while the batch still grows")

first = 3072 * 4096                              # DeepSeek-V3, section 4.2: sequences of 4 K, batch 3072 at the start
early = 2000 * first / 1e9
grown = 2000 * (3072 + (15360 - 3072) * early / 469) * 4096 / 1e9
assert early < 26 and 1 < grown / early < 1.25, f"v3: {early:.0f} B tokens in 2 K steps, {grown:.0f} B at most"
print(f"v3: 2 K steps of 3072 x 4096 tokens are {early:.0f} B tokens, {100 * early / 14.8e3:.2f} % of 14.8 T")
peak = 512**-0.5 * 4000**-0.5
assert abs(peak * (512 * 4000) ** 0.5 - 1) < 1e-12 and 6.9e-4 < peak < 7.1e-4, f"noam: peak {peak:.1e}"
print(f"noam: the formula with d_model 512 and 4000 steps peaks at {peak:.1e}")
