"""SGD over every possible data set of 5 samples: the first pass measures the test loss, later passes do not."""
from itertools import product
import numpy as np

# --8<-- [start:passes]
outcomes = np.array([[1, 0, 2], [1, 0, 0], [0, 1, 1], [0, 1, -1]], float)     # x1, x2, y: four equally likely samples
data = np.array(list(product(outcomes, repeat=5)))           # (1024, 5, 3) every data set of 5 samples
eta = 0.5
loss = lambda w, z: (np.einsum("...i,...i", w, z[..., :2]) - z[..., 2]) ** 2 / 2
test = lambda w: np.mean([loss(w, z) for z in outcomes], axis=0)              # exact: the population is finite

w = np.zeros((len(data), 2))                                 # one model for each data set
seen, true = np.empty((2, 4, 5))                             # (epoch, step)
for epoch, t in product(range(4), range(5)):
    z = data[:, t]                                           # (1024, 3) the sample of this step
    seen[epoch, t] = loss(w, z).mean()                       # the loss that the log shows, before the update
    true[epoch, t] = test(w).mean()                          # what the same model gets on new data
    error = np.einsum("ni,ni->n", w, z[:, :2]) - z[:, 2]
    w = w - eta * error[:, None] * z[:, :2]
    if (epoch, t) == (0, 4):
        again = np.mean([loss(w, data[:, i]).mean() for i in range(5)]), test(w).mean()
# --8<-- [end:passes]

assert np.allclose(seen[0], true[0], atol=1e-12), "first-pass: the logged loss is the test loss, at every step"
assert (seen[1:] < true[1:] - 0.05).all(), "later-passes: the logged loss is too low, at every step"
gaps = (true - seen).mean(1)
for epoch in range(4):
    print(f"epoch {epoch + 1}: logged {seen[epoch].mean():.3f}, test {true[epoch].mean():.3f}, gap {gaps[epoch]:.3f}")
assert true[3].mean() > true[1].mean() + 0.005 and seen[3].mean() < seen[0].mean(), \
    f"repeats: test {true[3].mean():.3f}"
print(f"first-pass: gap {gaps[0]:.3f} in epoch 1")
print(f"later-passes: gap {gaps[1]:.3f} in epoch 2, {gaps[3]:.3f} in epoch 4")
print(f"repeats: test loss {true[1].mean():.3f} in epoch 2, {true[3].mean():.3f} in epoch 4")
assert again[1] - again[0] > 0.3 and abs(again[1] - true[1, 0]) < 1e-12, \
    f"re-evaluated: {again[0]:.3f} on the data just seen, {again[1]:.3f} on new data"
print(f"re-evaluated: after epoch 1, {again[0]:.3f} on the data just seen, {again[1]:.3f} on new data")
assert again[1] < seen[0].mean(), f"val-below-log: new data {again[1]:.3f}, logged mean {seen[0].mean():.3f}"
print(f"val-below-log: after epoch 1, {again[1]:.3f} on new data, below the logged mean of {seen[0].mean():.3f}")
