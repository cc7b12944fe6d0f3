"""Refutes: quantization always makes inference faster. A roofline from the A100's data sheet, for one matrix."""
from math import ceil

import matplotlib.pyplot as plt

BANDWIDTH, FP16, INT8 = 1555e9, 312e12, 624e12         # A100 40 GB: bytes/s, dense operations/s
K, N = 4096, 11008                                     # a matrix of LLaMA-2-7B's FFN


# --8<-- [start:roofline]
def seconds(m, weight_bits, input_bytes, peak):
    """The least time for m tokens: moving the bytes, or doing the operations, whichever is longer."""
    moved = K * N * weight_bits / 8 + m * K * input_bytes + m * N * 2
    return max(moved / BANDWIDTH, 2 * m * K * N / peak)


KINDS = {"W4A16": (4.25, 2, FP16), "W8A16": (8, 2, FP16), "W8A8": (8, 1, INT8)}   # W4: groups of 128
gain = {name: (lambda m, k=k: seconds(m, 16, 2, FP16) / seconds(m, *k)) for name, k in KINDS.items()}
# --8<-- [end:roofline]
at = {name: (f(1), f(2048)) for name, f in gain.items()}
assert 3.7 < at["W4A16"][0] < 16 / 4.25 and at["W4A16"][1] == 1, f"w4: {at['W4A16']}"
assert all(1.99 < g <= 2 for g in at["W8A8"]) and 1.99 < at["W8A16"][0] < 2 and at["W8A16"][1] == 1, f"w8: {at}"
for label, name in (("w4", "W4A16"), ("w8", "W8A8"), ("w8", "W8A16")):
    print(f"{label}: {name} at most {at[name][0]:.2f} times with 1 token, {at[name][1]:.2f} times with 2048")
claimed, actual = 16 / 4.25, gain["W4A16"](2048)       # as many times faster as there are fewer bits
print(f"claimed {claimed:.2f}, actual {actual:.2f}: most that 4-bit weights gain on a prompt of 2048 tokens")
assert claimed > 3 * actual, f"not-faster: {actual:.2f} times, not {claimed:.2f}"


def bound(*kind):                                      # first m at which the operations take longer than the bytes
    return next(m for m in range(1, 4096) if seconds(m, *kind) == 2 * m * K * N / kind[-1])


full, four, eight, both = bound(16, 2, FP16), bound(*KINDS["W4A16"]), bound(*KINDS["W8A16"]), bound(*KINDS["W8A8"])
solved = [ceil(size / (2 * BANDWIDTH / peak - (inputs / N + 2 / K)))     # bytes = operations, solved for m
          for size, inputs, peak in ((2, 2, FP16), (4.25 / 8, 2, FP16), (1, 2, FP16), (1, 1, INT8))]
assert [full, four, eight, both] == solved, f"bound: {full}, {four}, {eight} and {both}"
print(f"bound: fp16 is bound by arithmetic from {full} tokens on, W4A16 from {four}")

sizes = [2 ** (i / 4) for i in range(45)]
for name, f in gain.items():
    plt.semilogx(sizes, [f(m) for m in sizes], label=name)
plt.gca().set(xlabel="tokens multiplied at once", ylabel="speed-up over fp16, at most")
plt.legend()
plt.savefig("speed.svg")
