"""Refutes: the validation loss rises, so the model generalises worse. Only the scale of the logits grows here."""
import numpy as np

# --8<-- [start:scale]
train = np.linspace(0.5, 2, 1000)                # y * logit at scale 1: every training sample is on the right side
val = np.concatenate([np.linspace(0.5, 2, 950), -np.linspace(0.5, 2, 50)])       # 5 % of the validation set is not
scales = np.arange(0.5, 12, 0.01)                # gradient descent on separable data keeps growing the scale
loss = lambda m, c: np.logaddexp(0, -c * m).mean()           # binary cross-entropy
error = lambda m, c: (c * m < 0).mean()
# --8<-- [end:scale]

train_loss = np.array([loss(train, c) for c in scales])
val_loss = np.array([loss(val, c) for c in scales])
best, last = scales[val_loss.argmin()], scales[-1]
assert (np.diff(train_loss) < 0).all(), "train-falls: at every step of the scale"
assert scales[0] < best < last / 3, f"minimum: the validation loss is least at scale {best:.1f}"
print(f"minimum: validation loss {val_loss.min():.3f} at scale {best:.1f}, {val_loss[-1]:.3f} at scale {last:.1f}")
tail = 0.05 * last * 1.25                        # the wrong 5 % cost scale times margin, the right ones nothing
assert abs(val_loss[-1] - tail) < 3e-4, f"tail: {val_loss[-1]:.4f}, the wrong 5 % alone {tail:.4f}"
T = last / best                                  # one number, fitted on the validation set
cooled = np.logaddexp(0, -last * val / T).mean()
assert abs(cooled - val_loss.min()) < 1e-12, f"temperature: {cooled:.3f} after dividing the logits by {T:.1f}"
print(f"temperature: validation loss {cooled:.3f} again after dividing the logits by {T:.1f}")

claimed = loss(val, last) / val_loss.min()        # if the loss told how often the model is wrong
actual = error(val, last) / error(val, best)
print(f"claimed {claimed:.1f}, actual {actual:.1f} times as many errors")
assert claimed > 2 > actual == 1 and all(error(val, c) == 0.05 for c in scales), \
    f"not-val-loss: loss x {claimed:.1f}, errors x {actual:.1f}"
