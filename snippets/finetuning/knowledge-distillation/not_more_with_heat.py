"""Refutes: the hotter, the more a soft label says. Inputs of ONE class: what tells them apart, against T."""
import math
import matplotlib.pyplot as plt
import torch

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
n, N = 500, 10
grid = [2 ** (k / 2) for k in range(-6, 25)]             # temperatures from 1/8 to 4096


def teacher(margin, spread):
    """Logits of n inputs of class 0: it leads the runner-up by margin, the other classes differ."""
    v = spread * torch.randn(n, N)
    v[:, 0] = v[:, 1:].amax(1) + margin
    return v


def entropy(p):
    return torch.special.entr(p).sum(-1) / torch.log(torch.tensor(2.0))        # in bits


def information(p):
    """Bits that a label drawn from the soft target tells about which of the n inputs it belongs to."""
    return (entropy(p.mean(0)) - entropy(p).mean()).item()


def curve(v):
    soft = [(v / T).softmax(1) for T in grid]            # (n, N) at each temperature
    return [entropy(p).mean().item() for p in soft], [information(p) for p in soft]


peaks = []
for margin in (2, 6, 12):
    for spread in (1, 2, 4):
        H, info = curve(teacher(margin, spread))
        assert all(a < b for a, b in zip(H, H[1:])) and abs(H[-1] - math.log2(N)) < 1e-3, "entropy: grows with T, to log2 N"
        peaks.append(grid[info.index(max(info))])
        assert 100 * max(info[0], info[-1]) < max(info), f"ends: nothing at either end, margin {margin}, spread {spread}"
print("ends: for 9 teachers the entropy always grows, the information is nearly 0 at both ends and peaks between them")
print(f"best: from T = {min(peaks):.1f} to {max(peaks):.1f}")
assert 0.5 < min(peaks) < 2 and 4 < max(peaks) < 12, f"best: from T = {min(peaks):.1f} to {max(peaks):.1f}"

v = teacher(6, 2)
H, info = curve(v)
best = max(range(len(grid)), key=info.__getitem__)
print(f"hump: T = 1: {info[6]:.3f} bits; T = {grid[best]:.1f}: {info[best]:.3f}; T = 64: {info[18]:.4f}")
assert grid[6] == 1 and grid[18] == 64 and info[6] < info[best] / 2 and info[18] < info[best] / 50, "hump: up and down"

twice = curve(2 * v)[1]                                  # the grid steps by sqrt(2): T is two steps below 2 T
assert all(abs(a - b) < 1e-12 for a, b in zip(twice[2:], info)), "scale: only v / T counts: twice the logits, twice the best T"

for T in (1, 4, 64):                                     # yet the vector p itself loses nothing, at any temperature
    back = T * (v / T).softmax(1).log()
    assert torch.allclose(back - back[:, :1], v - v[:, :1], atol=1e-9), f"recovered: the logits, up to a constant, at T = {T}"

onehot = torch.eye(N)[torch.zeros(n, dtype=torch.long)]  # (n, N) label smoothing with as much entropy as the best soft labels
smooth = min((((1 - e) * onehot + e / N) for e in torch.linspace(0, 1, 2001)),
             key=lambda p: abs(entropy(p).mean().item() - H[best]))
assert torch.allclose(smooth.sum(1), torch.ones(n)) and abs(entropy(smooth).mean().item() - H[best]) < 0.002 and information(smooth) < 1e-12 < info[best], \
    "smoothing: as much entropy, no information"
print(f"smoothing: {H[best]:.2f} bits of entropy each; information: soft labels {info[best]:.2f}, label smoothing 0.00 bits")

fig, ax = plt.subplots(figsize=(6.4, 3.4))
ax.semilogx(grid, H, "--", color="#d9622b", label="entropy of the soft label")
ax.semilogx(grid, [5 * i for i in info], color="#2a8fbd", label="5 x information about the input")
ax.axhline(0, color="black", lw=0.8)
ax.set(xlabel="temperature T", ylabel="bits", title="Softer is not richer: inputs of one class")
ax.grid(alpha=0.3), ax.legend(frameon=False)
fig.tight_layout()
fig.savefig("heat.svg", transparent=True)

claimed, actual = grid[max(range(len(grid)), key=H.__getitem__)], grid[best]
print(f"claimed {claimed:.0f}, actual {actual:.1f}: the temperature at which the soft label says most")
assert 1 < actual < 20 < claimed / 10, f"not-hotter: {actual:.1f}, not {claimed:.0f}"
