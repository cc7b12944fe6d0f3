"""Refutes: 1F1B has a smaller bubble than GPipe. Both schedules are timed; what shrinks is the number in flight."""
from itertools import accumulate
import matplotlib.pyplot as plt


# --8<-- [start:schedules]
def gpipe(stage, p, m):                              # all forward, then all backward
    return [("F", i) for i in range(m)] + [("B", i) for i in range(m)]


def one_f_one_b(stage, p, m):                        # p - 1 - stage forwards, then F B F B ..., then the rest
    warm = min(m, p - 1 - stage)
    steady = [op for i in range(m - warm) for op in (("F", warm + i), ("B", i))]
    return [("F", i) for i in range(warm)] + steady + [("B", i) for i in range(m - warm, m)]


def timetable(order, p, m, tf, tb):
    """Start of every operation, each as early as its input and its device allow."""
    queues, free, start = [order(s, p, m) for s in range(p)], [0] * p, {}
    while any(queues):
        for s in range(p):
            while queues[s]:
                op, i = queues[s][0]
                needs = [("F", i, s - 1)] * (op == "F" and s > 0) + [("B", i, s + 1)] * (op == "B" and s < p - 1)
                if not all(need in start for need in needs):
                    break
                ready = [start[need] + (tf if op == "F" else tb) for need in needs]
                start[op, i, s] = max([free[s], *ready])
                free[s] = start[op, i, s] + (tf if op == "F" else tb)
                queues[s].pop(0)
    return start, max(free)
# --8<-- [end:schedules]


def in_flight(order, s, p, m):                       # micro-batches whose activations stage s keeps
    now = list(accumulate(1 if op == "F" else -1 for op, _ in order(s, p, m)))
    assert now[-1] == 0 <= min(now), f"all-back: {now}"
    return max(now)


for p, m, tf, tb in ((2, 2, 1, 2), (4, 8, 1, 2), (4, 8, 1, 1), (8, 32, 2, 3), (5, 7, 3, 1), (6, 3, 1, 2)):
    for order, limit in ((gpipe, [m] * p), (one_f_one_b, [min(m, p - s) for s in range(p)])):
        start, total = timetable(order, p, m, tf, tb)
        bound = (p - 1) * tf + m * (tf + tb) + (p - 1) * tb      # the last stage: wait, work, and the way back
        assert total == bound, f"total-time: {order.__name__}: {total}, not {bound}, for p, m = {p}, {m}"
        ends = [(start["F", 0, s], start["B", m - 1, s]) for s in range(p)]      # the first forward, the last backward
        assert ends == [(s * tf, bound - (s + 1) * tb) for s in range(p)], f"ends: {order.__name__}: {ends}"
        kept = [in_flight(order, s, p, m) for s in range(p)]
        assert kept == limit, f"in-flight: {order.__name__}: {kept} for p, m = {p}, {m}"
print("total-time: (m + p - 1) (tf + tb) for both schedules, and no order of whole passes can be shorter")

p, m = 8, 4 * 8                                      # the rule of thumb: four micro-batches per stage
bubble = 1 - m * (1 + 2) / timetable(gpipe, p, m, 1, 2)[1]
times = p * (1 - bubble)                             # as fast as one device
assert abs(bubble - (p - 1) / (5 * p - 1)) < 1e-9 and abs(times - p * m / (m + p - 1)) < 1e-9, f"four-p: {bubble} {times}"
print(f"four-p: {p} stages, {m} micro-batches: idle {bubble:.1%}, {times:.2f} times as fast as one device")
p, m, tf, tb = 4, 8, 1, 2
print(f"in-flight: {p} stages, {m} micro-batches: GPipe keeps {in_flight(gpipe, 0, p, m)} on the first stage, "
      f"1F1B {in_flight(one_f_one_b, 0, p, m)}")
fig, axes = plt.subplots(2, 1, figsize=(8, 3.8), sharex=True)
for ax, order, title in zip(axes, (gpipe, one_f_one_b), ("GPipe", "1F1B")):
    start = timetable(order, p, m, tf, tb)[0]
    for s in range(p):
        for op, length, color in (("F", tf, "#2a8fbd"), ("B", tb, "#5a9e4b")):
            ax.broken_barh([(start[op, i, s], length) for i in range(m)], (s - 0.45, 0.9), facecolor=color, edgecolor="white")
            for i in range(m):
                ax.text(start[op, i, s] + length / 2, s, i + 1, ha="center", va="center", fontsize=7, color="white")
    ax.set(title=title, ylabel="stage", yticks=range(p), yticklabels=range(1, p + 1)), ax.invert_yaxis()
axes[1].set_xlabel("time (forward = 1, backward = 2)")
fig.tight_layout()
fig.savefig("schedules.svg", transparent=True)

(filled, total), (_, actual_total) = timetable(gpipe, p, m, tf, tb), timetable(one_f_one_b, p, m, tf, tb)
gaps = [filled["B", 0, s] - filled["F", m - 1, s] - tf for s in range(p)]     # between the last F and the first B
assert gaps == [(p - 1 - s) * (tf + tb) for s in range(p)], f"gaps: {gaps}"
claimed = 1 - m * (tf + tb) / (total - sum(gaps) / p)    # GPipe with these gaps filled, as 1F1B is said to do
actual = 1 - m * (tf + tb) / actual_total
print(f"claimed {claimed:.3f}, actual {actual:.3f}: idle share of 1F1B's time, {p} stages, {m} micro-batches")
assert abs(claimed - (p - 1) / (2 * m + p - 1)) < 1e-12, f"half: {claimed}, with half of the bubble gone"
assert abs(actual - (p - 1) / (m + p - 1)) < 1e-12 < actual - claimed - 0.1, f"not-smaller-bubble: {actual:.3f}, not {claimed:.3f}"
