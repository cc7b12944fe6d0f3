"""Refutes: a ROC AUC of 0.99 means that alarms can be trusted. One model, one ROC curve, four base rates."""
from math import erfc
import matplotlib.pyplot as plt
import numpy as np

# --8<-- [start:curves]
s = np.linspace(-8, 12, 4001)                                # scores: N(0, 1) for negatives, N(3.5, 1) for positives
density = lambda mean: np.exp(-((s - mean) ** 2) / 2) / np.exp(-((s - mean) ** 2) / 2).sum()
neg, pos = density(0), density(3.5)
tail = lambda d: d[::-1].cumsum()[::-1] - d / 2              # P(score > threshold), for each threshold
fall_out, recall = tail(neg), tail(pos)
precision = lambda prior: prior * recall / (prior * recall + (1 - prior) * fall_out)
average_precision = lambda prior: (pos * precision(prior)).sum()         # mean precision over the positives
# --8<-- [end:curves]

c, p, n = s[::8], pos[::8] / pos[::8].sum(), neg[::8] / neg[::8].sum()
auc = (p[:, None] * n * ((c[:, None] > c) + 0.5 * (c[:, None] == c))).sum()          # every pair of scores
assert 0.99 < auc < 0.995 and abs(auc - (pos * (1 - fall_out)).sum()) < 1e-4, \
    f"auc: {auc:.3f} of the pairs are in the right order, whatever the base rate"
assert abs(auc - (1 - erfc(3.5 / 2) / 2)) < 1e-4, "auc-closed: P(N(3.5, 2) > 0), the difference of two scores"
print(f"auc: {auc:.3f}")
at = int((fall_out <= 0.01).argmax())                             # the threshold with 1 % false alarms
assert abs(recall[at] - erfc((s[at] - 3.5) / 2**0.5) / 2) < 1e-5 > abs(fall_out[at] - erfc(s[at] / 2**0.5) / 2), \
    f"tails: recall {recall[at]:.4f}, false alarms {fall_out[at]:.4f}, as the normal distribution says"
ap = {prior: average_precision(prior) for prior in (0.5, 0.1, 0.01, 0.001)}
for prior in ap:
    print(f"average-precision: {prior:.1%} positives: average precision {ap[prior]:.3f}, "
          f"precision {precision(prior)[at]:.3f} at recall {recall[at]:.2f} and 1 % false alarms")
assert ap[0.5] > 0.99 > 0.6 > ap[0.001], f"average-precision: {ap[0.5]:.3f} at 50 %, {ap[0.001]:.3f} at 0.1 %"
model, nothing = 0.001 * recall[at] + 0.999 * (1 - fall_out[at]), 0.999          # accuracy at a base rate of 0.1 %
wrong = 0.001 * (1 - recall[at]) + 0.999 * fall_out[at]      # missed positives and false alarms
assert nothing > model + 0.005 and abs(model + wrong - 1) < 1e-9 and recall[at] > 0.85, \
    f"accuracy: {nothing:.1%} for never, {model:.1%} for the model"
print(f"accuracy: {nothing:.1%} by never raising an alarm (recall 0), {model:.1%} by the model (recall "
      f"{recall[at]:.0%})")
claimed, actual = precision(0.5)[at], precision(0.001)[at]   # how many alarms are right: balanced test set, real world
print(f"claimed {claimed:.1%}, actual {actual:.1%} of the alarms are right")
assert 0.995 > claimed > 0.98 > 0.1 > actual, f"not-auc: {actual:.1%} of the alarms are right, not {claimed:.1%}"

fig, ax = plt.subplots(1, 2, figsize=(6.4, 2.9))
ax[0].plot(fall_out[::20], recall[::20], color="#888888")
ax[0].set(xlabel="false positive rate", ylabel="recall", title="ROC: one curve")
for prior, colour in zip(ap, ("#3b82f6", "#a855f7", "#d97706", "#ef4444")):
    ax[1].plot(recall[::20], precision(prior)[::20], color=colour, label=f"{prior:g}")
ax[1].set(xlabel="recall", ylabel="precision", title="PR: one for each base rate")
ax[1].legend(fontsize=7, title="positives", title_fontsize=7)
fig.tight_layout()
fig.savefig("roc_pr.svg")
