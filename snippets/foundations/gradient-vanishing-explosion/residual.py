"""N residual blocks at initialisation: the skip alone explodes; a scale or a norm is what keeps the gradient."""
import numpy as np
import torch
import torch.nn.functional as F

n, seeds = 96, 8


# --8<-- [start:blocks]
def run(kind, N, seed):
    """Gradient norm at the input, of the last block's W2, and at the input below a final norm; the output's is random, 1 long."""
    r = torch.Generator().manual_seed(seed)
    w = lambda gain: (torch.randn(n, n, generator=r) * (gain / n) ** 0.5).requires_grad_()
    f = lambda x, W1, W2: W2 @ F.relu(W1 @ x)        # variances 1/n and 2/n: |f(x)| = |x| on average
    LN = lambda x: F.layer_norm(x, (n,))
    x0 = LN(torch.randn(n, generator=r)).requires_grad_()
    x = x0
    for _ in range(N):
        W1, W2 = w(1), w(2)
        if kind == "residual":
            x = x + f(x, W1, W2)
        elif kind == "scaled":                       # GPT-2: residual layers start 1 / sqrt(N) smaller
            x = x + f(x, W1, W2) / N**0.5
        elif kind == "pre-LN":
            x = x + f(LN(x), W1, W2)
        elif kind == "post-LN":
            x = LN(x + f(x, W1, W2))
    g_stream, = torch.autograd.grad(x, x0, F.normalize(torch.randn(n, generator=r), dim=0), retain_graph=True)
    y = LN(x) if kind == "pre-LN" else x             # the final norm of a pre-LN model
    g_last, g_below = torch.autograd.grad(y, [W2, x0], F.normalize(torch.randn(n, generator=r), dim=0))
    return g_stream.norm().item(), g_last.norm().item(), g_below.norm().item()
# --8<-- [end:blocks]


def mean(kind, N, which):                            # geometric mean over seeds, 95 % interval as a factor
    log = np.log([run(kind, N, s)[which] for s in range(seeds)])
    return np.exp(log.mean()), np.exp(1.96 * log.std(ddof=1) / seeds**0.5)


N = 64                                               # sub-layers of LLaMA-2-7B: 32 layers of attention + FFN
theory = {"residual": 2 ** (N / 2), "scaled": (1 + 1 / N) ** (N / 2), "pre-LN": (N + 1) ** 0.5, "post-LN": 1}
stream = {k: mean(k, N, 0) for k in theory}
for k, want in theory.items():
    got, factor = stream[k]
    assert want / 3 < got < want * 2, f"variances: {k}: {got:.3g} at the input, {want:.3g} by adding variances"
    print(f"variances: {k}: {want:.3g} by adding variances; measured {got:.3g}, 95 % interval a factor of {factor:.2f}")
assert 1e9 < stream["residual"][0] < 1e10, f"explodes: {stream['residual'][0]:.1e}, 2^{N // 2} = {2.0 ** (N // 2):.1e}"
assert 1.2 < stream["scaled"][0] < 2.2 and abs(np.log(stream["scaled"][0] / theory["scaled"])) < 0.1, \
    f"sqrt-n: {stream['scaled'][0]:.2f}, the square root of e = {np.e ** 0.5:.2f}"
assert 5 < stream["pre-LN"][0] < 12, f"pre-ln: {stream['pre-LN'][0]:.1f}, sqrt(N + 1) = {theory['pre-LN']:.1f}"
below, _ = mean("pre-LN", N, 2)                      # the final norm divides by the stream's size, sqrt(N + 1) as well
assert 0.6 < below < 1.5, f"pre-final: {below:.2f} at the input with the final norm counted, not {theory['pre-LN']:.1f}"
print(f"explodes: {2.0**32:.1e} for {N} blocks")
print(f"sqrt-n: {theory['scaled']:.2f} for {N} blocks")
print(f"pre-ln: {theory['pre-LN']:.1f} for {N} blocks")
print("pre-final: 1 for pre-LN with its final norm, within a factor of 1.5")

Ns = [6, 12, 24, 48]
last = {k: [mean(k, m, 1)[0] for m in Ns] for k in ("pre-LN", "post-LN")}
slope = {k: np.polyfit(np.log(np.array(Ns) + 1), np.log(v), 1)[0] for k, v in last.items()}
assert abs(slope["pre-LN"] + 0.5) < 0.15, f"pre-last: gradient of the last block falls like (N + 1)^{slope['pre-LN']:.2f}"
assert abs(slope["post-LN"]) < 0.15, f"post-last: gradient of the last block goes like N^{slope['post-LN']:.2f}"
print(f"pre-last: (N + 1)^{slope['pre-LN']:.1f}, for N = 6 ... 48")
print(f"post-last: (N + 1)^{abs(slope['post-LN']):.1f}, for N = 6 ... 48")
