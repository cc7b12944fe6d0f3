# bagu: seconds=60
"""Is it a minimum? The extreme Hessian eigenvalues of a transformer by Hessian-vector products and Lanczos."""
import numpy as np
import torch
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from transformers import GPT2Config, GPT2LMHeadModel

torch.manual_seed(0)
cfg = GPT2Config(n_layer=1, n_head=2, n_embd=4, vocab_size=16, n_positions=8, bos_token_id=0, eos_token_id=0,
                 attn_implementation="eager", initializer_range=0.3, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0)
model = GPT2LMHeadModel(cfg).double()
ids = torch.randint(0, 16, (4, 8))
params = list(model.parameters())
theta = parameters_to_vector(params).detach()
P = len(theta)


def loss_at(point):
    vector_to_parameters(point, params)
    logits = model(ids).logits                   # (4, 8, 16)
    return torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, 16), ids[:, 1:].reshape(-1))


g = torch.cat([t.flatten() for t in torch.autograd.grad(loss_at(theta), params, create_graph=True)])


# --8<-- [start:lanczos]
def hvp(v):                                      # H v without H: differentiate the scalar (gradient . v)
    return torch.cat([t.flatten() for t in torch.autograd.grad(g @ v, params, retain_graph=True)])


def lanczos(hvp, n, steps):
    """Extreme eigenvalues of a symmetric operator on R^n from a few products with it."""
    q = torch.randn(n, dtype=torch.float64)
    Q, alpha, beta = [q / q.norm()], [], []
    for _ in range(steps):
        z = hvp(Q[-1])
        alpha.append((z @ Q[-1]).item())
        for _ in range(2):                       # orthogonalise against all earlier vectors, twice
            z = z - torch.stack(Q).T @ (torch.stack(Q) @ z)
        beta.append(z.norm().item())
        Q.append(z / beta[-1])
    T = np.diag(alpha) + np.diag(beta[:-1], 1) + np.diag(beta[:-1], -1)       # (steps, steps)
    return np.linalg.eigvalsh(T)[[0, -1]]
# --8<-- [end:lanczos]


H = torch.stack([hvp(e) for e in torch.eye(P, dtype=torch.float64)])     # (P, P), only because P is tiny
true, vectors = torch.linalg.eigh(H)
found = lanczos(hvp, P, 40)
assert np.allclose(found, true[[0, -1]], atol=1e-3), f"lanczos: {found} against {true[[0, -1]].tolist()}"
h = 1e-4
low, here, high = (loss_at(theta + s * vectors[:, 0]).item() for s in (-h, 0, h))      # no derivative involved
bend = (low - 2 * here + high) / h**2
assert abs(bend / true[0] - 1) < 1e-3 and bend < -0.01, f"differences: {bend:.4f}, eigenvalue {true[0]:.4f}"
print(f"lanczos: {P} parameters, smallest {found[0]:.3f}, largest {found[1]:.3f}: 40 products agree with the "
      f"full Hessian")
print(f"differences: along that direction the loss itself bends by {bend:.3f}")

with torch.device("meta"):
    N = sum(p.numel() for p in GPT2LMHeadModel(GPT2Config()).parameters())
V, T, d, layers = 50257, 1024, 768, 12           # tokens, positions, width; a layer: 12 d^2 weights, 9 d biases, 4 d of LayerNorm
by_hand = (V + T) * d + layers * (12 * d * d + 13 * d) + 2 * d
assert N == by_hand and N**2 * 4 > 6e16, f"gpt2: {N} parameters, Hessian {N ** 2 * 4 / 1e15:.1f} PB"
print(f"gpt2: GPT-2 small has {N} parameters: the Hessian in fp32 takes {N**2 * 4 / 1e15:.1f} PB, a vector "
      f"{N * 4 / 1e9:.2f} GB")
