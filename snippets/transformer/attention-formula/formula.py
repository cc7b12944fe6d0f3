"""Scaled dot-product attention in five lines, against the definition, PyTorch's own and three limit cases."""
import math
import torch
import torch.nn.functional as F

torch.manual_seed(0)


# --8<-- [start:attention]
def attention(Q, K, V, allowed=None):
    """Q (..., N_q, d_k), K (..., N_k, d_k), V (..., N_k, d_v) -> (..., N_q, d_v), (..., N_q, N_k)"""
    S = Q @ K.transpose(-2, -1) / math.sqrt(Q.shape[-1])       # (..., N_q, N_k) scores
    if allowed is not None:
        S = S.masked_fill(~allowed, -torch.inf)                # before the softmax
    A = S.softmax(-1)                                          # over the keys: one distribution per query
    return A @ V, A                                            # weighted mean of the rows of V
# --8<-- [end:attention]


def by_definition(Q, K, V, allowed):
    """No matrices: for each query, a weighted mean over the keys that it may see."""
    out = torch.empty(len(Q), V.shape[1], dtype=V.dtype)
    for i, q in enumerate(Q):
        keys = [j for j in range(len(K)) if allowed[i, j]]
        w = [math.exp(sum(a * b for a, b in zip(q.tolist(), K[j].tolist())) / math.sqrt(len(q))) for j in keys]
        out[i] = sum(x * V[j] for x, j in zip(w, keys)) / sum(w)
    return out


Nq, Nk, dk, dv = 5, 7, 8, 3                                    # cross-attention: all four sizes differ
Q, K, V = (torch.randn(*s, dtype=torch.float64) for s in ((Nq, dk), (Nk, dk), (Nk, dv)))
some = torch.rand(Nq, Nk) < 0.6
some[:, 0] = True                                              # a query without any key would give nan
for allowed in (torch.ones(Nq, Nk, dtype=torch.bool), some):
    O, A = attention(Q, K, V, allowed)
    gaps = [(O - x).abs().max().item() for x in
            (by_definition(Q, K, V, allowed), F.scaled_dot_product_attention(Q, K, V, attn_mask=allowed))]
    assert max(gaps) < 1e-14, f"same-as-torch: gaps {gaps}"
print("same-as-torch: within 1e-14 of the definition and of scaled_dot_product_attention, masked or not")

mha = torch.nn.MultiheadAttention(dk, 1, kdim=dk, vdim=dk, bias=False, batch_first=True, dtype=torch.float64)
with torch.no_grad():
    mha.in_proj_weight.copy_(torch.eye(dk).repeat(3, 1)), mha.out_proj.weight.copy_(torch.eye(dk))
    module = mha(Q[None], K[None], K[None], attn_mask=~some)[0][0]
assert torch.allclose(module, attention(Q, K, K, some)[0]), "true-is-hidden: nn.MultiheadAttention hides what is True"
print("true-is-hidden: True means visible in scaled_dot_product_attention, hidden in nn.MultiheadAttention")

O, A = attention(Q, K, V)
cross = by_definition(Q, K, V, torch.ones(Nq, Nk))
assert A.shape == (Nq, Nk) and O.shape == (Nq, dv) and torch.allclose(O, cross), f"cross-shapes: {tuple(O.shape)} and {tuple(A.shape)}"
print(f"cross-shapes: Q ({Nq}, {dk}), K ({Nk}, {dk}), V ({Nk}, {dv}) -> A {tuple(A.shape)}, O {tuple(O.shape)}")
rows, cols = A.sum(-1), A.sum(-2)
assert (rows - 1).abs().max() < 1e-14 and (cols - 1).abs().max() > 0.1, f"rows-sum: rows {rows}, columns {cols}"
print(f"rows-sum: each row of A sums to 1; the columns sum to {cols.min():.2f} ... {cols.max():.2f}")

best, second = (Q @ K.T).topk(2).values.T                      # scale each query until the best key wins by 1e4
zero, hard = attention(0 * Q, K, V)[0], attention(1e4 * Q / (best - second)[:, None], K, V)[0]
assert torch.allclose(zero, V.mean(0).expand(Nq, dv)), "no-preference: equal scores give the mean of V"
assert torch.equal(hard, V[(Q @ K.T).argmax(-1)]), "hard-lookup: huge scores pick the best key's value"
print("no-preference, hard-lookup: equal scores return the mean of V, huge ones the value of the best key")

p, r = torch.randperm(Nk), torch.randperm(Nq)
moved, position = attention(Q[r], K[p], V[p])[0], torch.ones(Nq, Nk).tril().bool()
masked = lambda Q, K, V: attention(Q, K, V, allowed=position)[0]        # a mask that knows positions
assert torch.allclose(moved, O[r]) and not torch.allclose(masked(Q[r], K[p], V[p]), masked(Q, K, V)[r], atol=0.1, equal_nan=True), \
    "permutation: outputs follow the queries, ignore key order; with a mask they don't"
assert not torch.allclose(attention(Q, K[p], V)[0], O, atol=0.1), "pairs: keys and values must move together"
print("permutation: shuffled (key, value) pairs change nothing, shuffled queries shuffle the outputs")
