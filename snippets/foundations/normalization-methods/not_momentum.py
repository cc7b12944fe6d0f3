"""Refutes: momentum = 0.1 means that a tenth of the old running mean is kept. torch's is the weight of the NEW batch."""
import torch

m, steps = 0.1, 10
bn = torch.nn.BatchNorm1d(1, momentum=m)
x = torch.tensor([[4.0], [6.0]])                     # a batch with mean 5, shown again and again
kept = 0.0
for _ in range(steps):
    bn(x)
    kept = m * kept + (1 - m) * x.mean().item()      # what the answer predicts: old times 0.1
assert abs(bn.running_mean.item() - 5 * (1 - 0.9**steps)) < 1e-5, "memory: 5 (1 - 0.9^10)"
print(f"memory: after {steps} batches the running mean is {bn.running_mean.item():.2f} of 5")
assert abs(kept - 5) < 1e-3, f"kept: with a tenth of the old value it would be {kept:.4f} by now"
cumulative = torch.nn.BatchNorm1d(1, momentum=None)
for value in (1.0, 2.0, 6.0):
    cumulative(torch.full((2, 1), value))
assert cumulative.running_mean.item() == 3, "none: momentum=None is the plain average of all batches"
print("none: momentum=None averages the batch means 1, 2, 6 to 3")
claimed, actual = kept, bn.running_mean.item()
print(f"claimed {claimed:.2f}, actual {actual:.2f}: running mean after {steps} batches with mean 5")
assert claimed - actual > 1, f"not-momentum: {actual:.2f}, not {claimed:.2f}"
