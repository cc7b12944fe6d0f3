"""[1, 3, 4, 2, 2] as a graph, and the two pointers walking on it."""
import matplotlib.pyplot as plt

# --8<-- [start:walk]
nums = [1, 3, 4, 2, 2]
walk = [0]
while nums[walk[-1]] not in walk:                # 0 -> 1 -> 3 -> 2 -> 4, and back to 2
    walk.append(nums[walk[-1]])
entrance = nums[walk[-1]]
mu, lam = walk.index(entrance), len(walk) - walk.index(entrance)
into = [i for i, x in enumerate(nums) if x == entrance]      # the indices that point at the entrance
assert (mu, lam, entrance, into) == (3, 2, 2, [3, 4]), f"graph: mu {mu}, lambda {lam}, entrance {entrance} from {into}"
print(f"graph: tail 0 1 3 has mu = {mu}, cycle 2 4 has lambda = {lam}; indices {into[0]} and {into[1]} point at {entrance}")

slow, fast, trace = 0, 0, [(0, 0)]
while len(trace) == 1 or slow != fast and len(trace) < 99:
    slow, fast = nums[slow], nums[nums[fast]]
    trace.append((slow, fast))
met, steps, slow = fast, len(trace) - 1, 0
trace.append((slow, fast))
while slow != fast and len(trace) < 99:
    slow, fast = nums[slow], nums[fast]
    trace.append((slow, fast))
assert trace == [(0, 0), (1, 3), (3, 4), (2, 4), (4, 4), (0, 4), (1, 2), (3, 4), (2, 2)], f"trace: {trace}"
assert (met, steps, slow) == (4, 4, 2), f"meet: meet at {met} after {steps} steps, then at {slow}"
print(f"trace: they meet at index {met} after {steps} steps; phase 2 takes {len(trace) - steps - 2} steps and ends at {slow}")
# --8<-- [end:walk]

grey, red, blue = "#888888", "#d9622b", "#2a8fbd"
fig, (a, b) = plt.subplots(1, 2, figsize=(8.6, 3.0), width_ratios=(1.1, 1))
at = {0: (0, 0), 1: (1, 0), 3: (2, 0), 2: (3, 0), 4: (4.4, 0)}
for i, x in enumerate(nums):
    bend = 0 if x != 4 and i != 4 else -0.45
    a.annotate("", at[x], at[i], arrowprops=dict(arrowstyle="->", color=grey, lw=1.5, shrinkA=15, shrinkB=15,
                                                 connectionstyle=f"arc3,rad={bend}"))
for i, (x, y) in at.items():
    a.plot(x, y, "o", ms=24, color=red if i == entrance else blue if i in walk[mu:] else grey)
    a.text(x, y, i, ha="center", va="center", color="white")
a.text(1, -0.8, "tail, mu = 3", ha="center", color=grey)
a.text(3.7, -1.15, "cycle, lambda = 2", ha="center", color=blue)
a.text(2.75, 0.75, "entrance = duplicate", ha="center", color=red)
a.set(xlim=(-0.5, 5), ylim=(-1.4, 1.4), title="index i points at nums[i]"), a.axis("off")
for k, (name, style, color) in enumerate((("slow", "-o", blue), ("fast", "--s", red))):
    order = [walk.index(t[k]) for t in trace]
    b.plot(range(steps + 1), order[:steps + 1], style, color=color, ms=4, label=name)
    b.plot(range(steps + 1, len(trace)), order[steps + 1:], style, color=color, ms=4)
b.axvline(steps + 0.5, color=grey, lw=0.8)
b.text(steps / 2, 4.35, "phase 1", ha="center", color=grey), b.text(steps + 2.5, 4.35, "phase 2", ha="center", color=grey)
b.set(yticks=range(5), yticklabels=walk, ylim=(-0.3, 4.8), ylabel="index", xlabel="move", title="positions of the two pointers")
b.legend(frameon=False, fontsize=8, loc="lower center"), b.grid(alpha=0.3)
fig.tight_layout()
fig.savefig("trace.svg", transparent=True)
