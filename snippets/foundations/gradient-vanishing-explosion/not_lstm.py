"""Refutes: an LSTM has neither vanishing nor exploding gradients. The direct path is a product of forget gates; others grow."""
import torch

n, T, seeds = 64, 100, 6
torch.set_default_dtype(torch.float64)


def gradient(scale, forget_bias, seed):
    """|v^T dc_T / dc_0| for a random unit v, through nn.LSTMCell; recurrent weights ~ N(0, scale^2 / n)."""
    torch.manual_seed(seed)
    cell = torch.nn.LSTMCell(n, n)
    with torch.no_grad():
        cell.weight_hh.normal_(0, scale / n**0.5 if scale else 0)
        cell.bias_ih.zero_(), cell.bias_hh.zero_()
        cell.bias_hh[n:2 * n] = forget_bias          # gate order in torch: i, f, g, o
        cell.weight_ih.mul_(scale > 0)
    c0 = (torch.randn(1, n) * 0.1).requires_grad_()
    h, c = torch.zeros(1, n), c0
    for x in torch.randn(T, 1, n) * 0.5:
        h, c = cell(x, (h, c))                       # c = f * c + i * g, h = o * tanh(c)
    v = torch.nn.functional.normalize(torch.randn(1, n))
    return torch.autograd.grad(c, c0, v)[0].norm().item()


for bias in (1.0, 5.0):                              # recurrent and input weights 0: the direct path alone
    f = torch.sigmoid(torch.tensor(bias)).item()
    got = gradient(0, bias, 0)
    assert abs(got / f**T - 1) < 1e-9, f"forget: f = {f:.3f}: {got:.1e} after {T} steps, f^T = {f**T:.1e}"
    print(f"forget: bias {bias:.0f}, f = {f:.3f}, f^{T} = {got:.1e} = {got:.2f} of the gradient after {T} steps")
grown = [gradient(8.0, 1.0, s) for s in range(seeds)]
print(f"grown: {min(grown):.0e} ... {max(grown):.0e}, {seeds} seeds, recurrent weights of standard deviation 8 / sqrt(n)")
usual = max(gradient(3**-0.5, 1.0, s) for s in range(seeds))    # the spread of torch's uniform(-1, 1) / sqrt(n)
assert 1e-9 < usual < 1e-6, f"usual: {usual:.0e} with torch's initial spread 0.58 / sqrt(n)"
print(f"usual: at most {usual:.0e} with torch's initial spread 0.58 / sqrt(n): it vanishes")
claimed = max(gradient(0, b, 0) for b in (1.0, 5.0, 20.0))   # the answer's product of gates: never above 1
actual = min(grown)
print(f"claimed at most {claimed:.2f}, actual at least {actual:.0e}")
assert actual > 1000 > 1 >= claimed, f"not-lstm: {actual:.0e} after {T} steps, not {claimed:.2f}"
