"""Refutes: the attention matrix is kept for backward. PyTorch shows what its kernels really save."""
import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

torch.manual_seed(0)
H, N, d = 4, 1024, 64


def saved(backend, N):
    """Shapes of the tensors that autograd keeps, one per storage."""
    q, k, v = (torch.randn(1, H, N, d, requires_grad=True) for _ in range(3))
    kept = {}
    pack = lambda t: kept.setdefault(t.untyped_storage().data_ptr(), t)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t), sdpa_kernel(backend):
        out = F.scaled_dot_product_attention(q, k, v)
    return sorted(tuple(t.shape) for t in kept.values()), max((t.numel() for t in kept.values()), default=0), out


math_shapes, claimed, _ = saved(SDPBackend.MATH, N)        # materializes P and keeps it
flash_shapes, actual, out = saved(SDPBackend.FLASH_ATTENTION, N)
print("math :", math_shapes)
print("flash:", flash_shapes)
assert "Flash" in type(out.grad_fn).__name__, "flash-kernel: the flash kernel must really have run"
assert flash_shapes == [(1, H, N)] + 4 * [(1, H, N, d)], f"lse-saved: {flash_shapes}"
print(f"lse-saved: q, k, v, out and a logsumexp of shape (1, {H}, {N})")
growth = saved(SDPBackend.FLASH_ATTENTION, 2 * N)[1] / actual
assert growth == 2, f"saved-linear: {growth} times the memory when N doubles"
print(f"claimed {claimed}, actual {actual}: elements of the largest tensor kept")
assert claimed == H * N * N, f"math-stores: {claimed} elements, one attention matrix per head"
assert claimed > actual == H * N * d, \
    f"not-stored: the largest tensor kept has {actual} elements, an attention matrix {claimed}"
