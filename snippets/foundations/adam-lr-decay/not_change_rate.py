# bagu: seconds=60
"""Refutes: Adam keeps the moving average and the rate of change of each parameter."""
import torch

b1, b2, T = 0.9, 0.999, 300
g = torch.Generator().manual_seed(0)
x = torch.full((1000,), 5.0, dtype=torch.float64, requires_grad=True)
opt = torch.optim.Adam([x], betas=(b1, b2))
average = torch.zeros(4, 1000, dtype=torch.float64)          # of: the parameter, its change, the gradient, its square
for _ in range(T):
    before = x.detach().clone()
    x.grad = torch.randn(1000, generator=g, dtype=torch.float64) + 0.5
    opt.step()
    rows = torch.stack([before, x.detach() - before, x.grad, x.grad**2])
    beta = torch.tensor([b1, b2, b1, b2], dtype=torch.float64)[:, None]
    average = beta * average + (1 - beta) * rows
state = opt.state[x]
assert torch.allclose(state["exp_avg"], average[2], atol=1e-12), "first: exp_avg is the average of the gradient"
assert torch.allclose(state["exp_avg_sq"], average[3], atol=1e-12), "second: exp_avg_sq is the average of its square"
change = average[1].abs().max().item()                       # the parameter's own rate of change, averaged
assert change < 0.1 < state["exp_avg_sq"].min(), f"change: at most {change:.4f}, v is far larger"
v = state["exp_avg_sq"].mean().item() / (1 - b2**T)
assert abs(v - 1.25) < 0.02, f"uncentred: {v:.2f} = variance 1 + mean squared 0.25"
print(f"uncentred: v_hat is {v:.2f} for gradients of mean 0.5 and variance 1: the raw second moment, not the variance")
claimed, actual = average[0].mean().item(), state["exp_avg"].mean().item()
print(f"claimed {claimed:.2f}, actual {actual:.2f}: average of the parameter, and what the optimizer stores")
assert abs(claimed - actual) > 1, f"not-change-rate: {claimed:.2f} is the parameter's average, exp_avg is {actual:.2f}"
