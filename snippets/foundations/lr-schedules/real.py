"""Published schedules as functions of tokens, checked against totals that the same papers print elsewhere."""
import math


def cosine(p, low):                                      # p: progress of the decay, 0 ... 1
    return low + (1 - low) * (1 + math.cos(math.pi * p)) / 2


# --8<-- [start:deepseek]
phases = [(10e12, lambda p: 2.2e-4),                     # DeepSeek-V3, section 4.2: tokens, rate at progress p
          (4.3e12, lambda p: 2.2e-4 * cosine(p, 0.1)),
          (333e9, lambda p: 2.2e-5),
          (167e9, lambda p: 7.3e-6)]
# --8<-- [end:deepseek]
total = sum(tokens for tokens, _ in phases)
assert abs(total / 14.8e12 - 1) < 1e-9, f"deepseek-v3: the phases add up to {total / 1e12:.1f} T tokens, as the abstract says"
plateau, last = phases[0][0] / total, phases[-1][1](1) / phases[0][1](0)
n = 10_000
mean = sum(tokens * sum(f((i + 0.5) / n) for i in range(n)) / n for tokens, f in phases) / total / 2.2e-4
oracle = (10e12 + 4.3e12 * (1 + 0.1) / 2 + 0.1 * 333e9 + 167e9 * 7.3e-6 / 2.2e-4) / total    # cosine: mean of its ends
assert abs(mean - oracle) < 1e-6, f"deepseek-mean: {mean:.2f} of the peak on average over all tokens"
print(f"deepseek-v3: {total / 1e12:.1f} T tokens, {plateau:.1%} of them at the peak, ends at {last:.1%} of it")
print(f"deepseek-mean: {mean:.2f} of the peak on average, 0.55 for one cosine to 10 %")

steps, batch = 5000, 3.93e6                              # MiniCPM, section 6.2: half-life of the decay
assert round(steps * batch / 1e9) == 20, f"minicpm: {steps * batch / 1e9:.1f} B tokens a half-life; the paper says 20 B"
print(f"minicpm: half-life {steps} steps = {steps * batch / 1e9:.1f} B tokens; 10 % of the peak after "
      f"{math.log2(10):.2f} half-lives")

drops = [0.8 * 2e12, 0.9 * 2e12]                         # DeepSeek LLM, section 2.3: 31.6 % after 80 %, 10 % after 90 %
assert drops == [1.6e12, 1.8e12] and abs(0.316**2 - 0.1) < 2e-4, \
    f"deepseek-llm: the README says 1.6 T and 1.8 T; 31.6 % twice is {0.316**2:.3f}"
print(f"deepseek-llm: drops at {drops[0] / 1e12:.1f} T and {drops[1] / 1e12:.1f} T of 2 T tokens, each by sqrt(10)")

llama_steps = 1.0e12 / 4e6                               # LLaMA-7B, table 2: 1.0 T tokens, batches of 4 M
half = 3e-4 * cosine((llama_steps / 2 - 2000) / (llama_steps - 2000), 0.1)
assert 2000 / llama_steps == 0.008 and abs(half - 3e-4 * (0.55 + 0.45 * math.sin(math.pi / 248))) < 1e-9, f"llama: rate {half:.2e} half-way"
print(f"llama: {llama_steps:.0f} steps, warm-up {2000 / llama_steps:.1%}, {half:.2e} half-way, {3e-5:.0e} at the end")
peaks = {"GPT-3 175B": 0.6e-4, "LLaMA-65B": 1.5e-4, "DeepSeek-V3": 2.2e-4, "LLaMA-7B": 3e-4, "GPT-3 125M": 6e-4,
         "MiniCPM": 1e-2}
spread = max(peaks.values()) / min(peaks.values())
assert spread > 100, f"spread: the largest peak is {spread:.0f} times the smallest"
print(f"spread: peaks from {min(peaks.values()):.0e} to {max(peaks.values()):.0e}, a factor of {spread:.0f}")
