# ---
# title: 注意力从零到 FlashAttention
# description: >-
#   从三重循环写到 FlashAttention 的前向与反向：因果、多头、GQA、KV cache、在线 softmax、分块，
#   每一步都与 PyTorch 对答案，并数出搬了多少字节。五道练习，附检查与参考答案。
# minutes: 35
# ---

# %% [markdown]
# ## 准备
#
# 每一步都与 `torch.nn.functional.scaled_dot_product_attention`（下称 SDPA）对答案。
#
# 容差要有理由。float64 的舍入单位是 $1.1\times10^{-16}$。这里每个输出至多是一千来项之和，数值都在 1 上下，误差不出 $10^{-13}$ 量级。
#
# 所以容差取 $10^{-12}$：对的写法都在里面。本页的十种错填，差距都在 $10^{-2}$ 以上，混不进来。

# %%
import math

import torch
from torch.nn import functional as F

sdpa = F.scaled_dot_product_attention
torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
TOL = 1e-12


def gap(a, b):
    """The largest absolute difference; NaN counts as infinitely wrong."""
    return (a - b).abs().nan_to_num(nan=math.inf).max().item()


# %% [markdown]
# ## 一个查询，三重循环
#
# 一个查询 $q\in\mathbb R^d$，$N$ 个键 $k_j$ 和值 $v_j$：
#
# $$
# s_j=\frac{q\cdot k_j}{\sqrt d},\qquad p_j=\frac{e^{s_j-m}}{\sum_t e^{s_t-m}},\qquad
# o=\sum_j p_j v_j,\qquad m=\max_j s_j
# $$
#
# 减去 $m$ 不改变结果，只防溢出（见[数值稳定](article:softmax-numerical-stability)）。先不用任何张量运算，全写成循环。

# %%
def attend_one(q, keys, values):
    """One query (d numbers) against N keys and values (N lists of d numbers)."""
    d = len(q)
    scores = [sum(q[i] * k[i] for i in range(d)) / math.sqrt(d) for k in keys]
    top = max(scores)
    weights = [math.exp(s - top) for s in scores]
    total = sum(weights)
    return [sum(w * v[i] for w, v in zip(weights, values)) / total for i in range(d)]


N, d = 48, 16
Q, K, V = torch.randn(3, N, d)
O = torch.tensor([attend_one(q, K.tolist(), V.tolist()) for q in Q.tolist()])  # (N, d)
reference = sdpa(Q[None], K[None], V[None])[0]
assert gap(O, reference) < TOL, f"naive-exact: gap {gap(O, reference):.1e} to SDPA"
print(f"naive: {N} queries x {N} keys x {d} dimensions, equal to SDPA")

# %% [markdown]
# ## 矩阵写法
#
# 全部查询一起算，两次矩阵乘，中间一次逐行 softmax：
#
# | 步骤 | 形状 | 乘加次数 |
# |---|---|---|
# | $S=QK^\top/\sqrt d$ | $(N,d)(d,N)\to(N,N)$ | $N^2d$ |
# | $P=\operatorname{softmax}(S)$ | $(N,N)\to(N,N)$ | |
# | $O=PV$ | $(N,N)(N,d)\to(N,d)$ | $N^2d$ |

# %%
def attend(q, k, v):
    """(…, Nq, d), (…, Nk, d), (…, Nk, dv) -> (…, Nq, dv); any leading dimensions."""
    s = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # (…, Nq, Nk)
    return s.softmax(-1) @ v


assert gap(attend(Q, K, V), O) < TOL, "matrix-exact: two products must equal the loops"
print("matrix: equal to the loops")

# %% [markdown]
# ## 批量与多头
#
# `@` 只动最后两维，前面的维自动对齐。所以同一个函数，接受 $(B,H,N,d)$ 就是批量多头：$B\times H$ 个互不相干的注意力。

# %%
B, H = 2, 6
q, k, v = torch.randn(3, B, H, N, d)
together = attend(q, k, v)
apart = torch.stack([torch.stack([attend(q[b, h], k[b, h], v[b, h]) for h in range(H)]) for b in range(B)])
assert gap(together, apart) < TOL, "batched-heads: heads must not see each other"
assert gap(together, sdpa(q, k, v)) < TOL, "batched-exact: the batch must equal SDPA"
print(f"batched: {B} x {H} heads, equal to SDPA and to one head at a time")

# %% [markdown]
# ## 练习一：因果掩码
#
# 语言模型里，第 $i$ 个位置只许看 $j\le i$，**包括自己**。写 `causal(q, k, v)`，不准调用 SDPA。
#
# 提示：被遮的分数在 softmax 之前变成 $-\infty$。先想清楚第 0 行应当等于什么。

# %% tags=["blank"] exercise="causal"
def causal(q, k, v):
    """Attention in which position i sees positions 0…i. (…, N, d) -> (…, N, d)."""
    raise NotImplementedError("exercise causal: write the body of causal()")


# %% tags=["solution"] exercise="causal"
def causal(q, k, v):
    """Attention in which position i sees positions 0…i. (…, N, d) -> (…, N, d)."""
    s = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    future = torch.ones(s.shape[-2:], dtype=torch.bool).triu(1)  # strictly above the diagonal
    return s.masked_fill(future, -math.inf).softmax(-1) @ v


# %% triu 默认从对角线算起，把自己也遮住了；第 0 行全是负无穷，得 NaN tags=["wrong"] exercise="causal"
def causal(q, k, v):
    s = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    future = torch.ones(s.shape[-2:], dtype=torch.bool).triu()
    return s.masked_fill(future, -math.inf).softmax(-1) @ v


# %% softmax 之后才乘 0；未来的分数还留在分母里，每行之和不到 1 tags=["wrong"] exercise="causal"
def causal(q, k, v):
    s = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    past = torch.ones(s.shape[-2:]).tril()
    return (s.softmax(-1) * past) @ v


# %% tags=["check"] exercise="causal"
ours = causal(q, k, v)
assert ours.isfinite().all(), "causal-finite: no row may be without any key"
assert gap(ours[..., 0, :], v[..., 0, :]) < TOL, "causal-first-row: position 0 sees itself alone, so it returns v[0]"
changed = causal(q, torch.cat([k[..., :-1, :], k[..., -1:, :] + 1], -2), v)
assert gap(ours[..., :-1, :], changed[..., :-1, :]) < TOL, "causal-no-future: the last key must not change earlier rows"
assert gap(ours[..., -1, :], changed[..., -1, :]) > 1e-3, "causal-self: the last position must see its own key"
assert gap(ours, sdpa(q, k, v, is_causal=True)) < TOL, "causal-exact: must equal SDPA with is_causal=True"
print("causal: finite, first row, no future, itself, equal to SDPA")

# %% [markdown]
# ## 填充掩码
#
# 一批里句子长短不一，短的补到一样长。补的位置不许当键。掩码形状是 $(B,1,1,N)$：对所有头、所有查询都一样。
#
# 方向容易记反：SDPA 的布尔掩码里 `True` 是**参与**；`nn.MultiheadAttention` 的 `key_padding_mask` 里 `True` 是**不参与**。

# %%
lengths = torch.tensor([N, 30])
real = (torch.arange(N) < lengths[:, None])[:, None, None]  # (B, 1, 1, N), True: a real token
scores = q @ k.transpose(-2, -1) / math.sqrt(d)
padded = scores.masked_fill(~real, -math.inf).softmax(-1) @ v
short = attend(q[1:], k[1:, :, :30], v[1:, :, :30])
assert gap(padded, sdpa(q, k, v, attn_mask=real)) < TOL, "padding-exact: must equal SDPA with a boolean mask"
assert gap(padded[1:], short) < TOL, "padding-cut: masking keys must equal cutting them off"
inverted = sdpa(q[1:], k[1:], v[1:], attn_mask=~real[1:])
assert gap(inverted, padded[1:]) > 1e-2, "padding-sense: the inverted mask is another result"
print(f"padding: keys {lengths.tolist()}, equal to SDPA and to the sequence cut off at 30")

# %% [markdown]
# ## 练习二：拆头
#
# 投影之后得到 $(B,N,H\cdot d)$，要变成 $(B,H,N,d)$。写 `split_heads(x, heads)`。
#
# 一个 token 的 $H\cdot d$ 个数里，第 $h$ 头占连续的一段 $[hd,(h+1)d)$。
#
# 形状对了不等于内容对了：`view` 不搬数据，只重新划分。

# %% tags=["blank"] exercise="split-heads"
def split_heads(x, heads):
    """(B, N, heads * d) -> (B, heads, N, d)."""
    raise NotImplementedError("exercise split-heads: write the body of split_heads()")


# %% tags=["solution"] exercise="split-heads"
def split_heads(x, heads):
    """(B, N, heads * d) -> (B, heads, N, d)."""
    batch, length, width = x.shape
    return x.view(batch, length, heads, width // heads).transpose(1, 2)


# %% 直接 view 成目标形状；每个头拿到的是几个 token 的碎片 tags=["wrong"] exercise="split-heads"
def split_heads(x, heads):
    batch, length, width = x.shape
    return x.view(batch, heads, length, width // heads)


# %% 把头放在最内层；第 h 头取的是隔开的数，不是连续的一段 tags=["wrong"] exercise="split-heads"
def split_heads(x, heads):
    batch, length, width = x.shape
    return x.view(batch, length, width // heads, heads).permute(0, 3, 1, 2)


# %% tags=["check"] exercise="split-heads"
x = torch.randn(B, N, H * d)
heads = split_heads(x, H)
assert heads.shape == (B, H, N, d), f"split-shape: {tuple(heads.shape)}, not {(B, H, N, d)}"
assert torch.equal(heads[1, :, 3].flatten().sort()[0], x[1, 3].sort()[0]), "split-token: a token keeps its own numbers"
assert torch.equal(heads[1, 2, 3], x[1, 3, 2 * d : 3 * d]), "split-slice: head 2 of token 3 is its numbers 2d…3d"
print("split-heads: every head is one slice of every token")

# %% [markdown]
# ## 完整的多头注意力
#
# 四个投影，拆头，注意力，合头。合头是拆头的逆：先换维，再 `reshape`。对照 `nn.MultiheadAttention`，权重用它自己的。

# %%
width = H * d
module = torch.nn.MultiheadAttention(width, H, batch_first=True)
W_q, W_k, W_v = module.in_proj_weight.detach().chunk(3)  # (width, width) each
b_q, b_k, b_v = module.in_proj_bias.detach().chunk(3)


def multi_head(x):
    """(B, N, width) -> (B, N, width)."""
    qh = split_heads(F.linear(x, W_q, b_q), H)
    kh = split_heads(F.linear(x, W_k, b_k), H)
    vh = split_heads(F.linear(x, W_v, b_v), H)
    joined = causal(qh, kh, vh).transpose(1, 2).reshape(x.shape)  # (B, N, H * d)
    return F.linear(joined, module.out_proj.weight.detach(), module.out_proj.bias.detach())


future = torch.ones(N, N, dtype=torch.bool).triu(1)  # here True means: not allowed
theirs = module(x, x, x, attn_mask=future, need_weights=False)[0].detach()
assert gap(multi_head(x), theirs) < TOL, "multihead-exact: must equal nn.MultiheadAttention"
print(f"multi-head: {H} heads of {d}, equal to nn.MultiheadAttention")

# %% [markdown]
# ## 练习三：GQA
#
# [GQA](article:mha-mqa-gqa) 让 $g=H_q/H_{kv}$ 个**相邻的**查询头共用一个 KV 头：查询头 $h$ 用第 $\lfloor h/g\rfloor$ 个。
#
# 写 `gqa(q, k, v)`，带因果掩码，可以用上面的 `causal`。
#
# 检查用 $H_q=6$、$H_{kv}=3$。换成 4 和 2，有一种错填会恰好算对。

# %% tags=["blank"] exercise="gqa"
def gqa(q, k, v):
    """Causal. q (B, Hq, N, d), k and v (B, Hkv, N, d), Hq a multiple of Hkv -> (B, Hq, N, d)."""
    raise NotImplementedError("exercise gqa: write the body of gqa()")


# %% tags=["solution"] exercise="gqa"
def gqa(q, k, v):
    """Causal. q (B, Hq, N, d), k and v (B, Hkv, N, d), Hq a multiple of Hkv -> (B, Hq, N, d)."""
    g = q.shape[1] // k.shape[1]
    return causal(q, k.repeat_interleave(g, dim=1), v.repeat_interleave(g, dim=1))  # 0 0 1 1 2 2


# %% 用 repeat，得到 0 1 2 0 1 2；相邻的查询头分到了不同的 KV 头 tags=["wrong"] exercise="gqa"
def gqa(q, k, v):
    g = q.shape[1] // k.shape[1]
    return causal(q, k.repeat(1, g, 1, 1), v.repeat(1, g, 1, 1))


# %% 除以 KV 头数而不是组的大小，得到 0 0 0 1 1 1；4 个与 2 个头时恰好对 tags=["wrong"] exercise="gqa"
def gqa(q, k, v):
    index = torch.arange(q.shape[1]) // k.shape[1]
    return causal(q, k[:, index], v[:, index])


# %% tags=["check"] exercise="gqa"
k3, v3 = k[:, :3], v[:, :3]
same = gqa(q[:, :1].expand(q.shape), k3, v3)  # all query heads ask the same
assert torch.equal(same[:, 0], same[:, 1]), "gqa-neighbours: query heads 0 and 1 share one KV head"
ours, theirs = gqa(q, k3, v3), sdpa(q, k3, v3, is_causal=True, enable_gqa=True)
assert gap(ours, theirs) < TOL, "gqa-exact: must equal SDPA with enable_gqa=True"
assert gap(gqa(q, k, v), causal(q, k, v)) < TOL, "gqa-mha: as many KV heads as query heads is plain multi-head"
assert gap(gqa(q, k[:, :1], v[:, :1]), causal(q, k[:, :1], v[:, :1])) < TOL, "gqa-mqa: one KV head serves all"
print("gqa: 6 query heads on 3 KV heads equal to SDPA; MHA and MQA are its two ends")

# %% [markdown]
# ## 旋转位置编码
#
# 下一步要做解码，错多半出在位置上，所以先备好 RoPE 和一次算完整段的 `full`，后者是解码的标准答案。

# %%
def rope(x, position):
    """Rotate pairs (i, i + d/2) of x (…, N, d) by position (N,) times 10000^(-2i/d)."""
    half = x.shape[-1] // 2
    angle = position[:, None] * 10000.0 ** (-torch.arange(half) / half)  # (N, d/2)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * angle.cos() - b * angle.sin(), a * angle.sin() + b * angle.cos()], -1)


def full(q, k, v):
    """The whole sequence at once: the oracle of decoding."""
    position = torch.arange(q.shape[-2])
    return sdpa(rope(q, position), rope(k, position), v, is_causal=True)


# %% [markdown]
# ## 练习四：KV cache
#
# 解码时一步来一个 token。以前的 $K$、$V$ 不会再变，存下来，每步只算新的一列（见 [KV cache](article:kv-cache-size)）。
#
# 写 `step`：接收**一个** token 的 $q,k,v$（还没转 RoPE），更新 `cache`，返回它的输出。
#
# `cache` 是一个字典，键 `"k"`、`"v"`，值形如 $(B,H,t,d)$，一开始 $t=0$。

# %% tags=["blank"] exercise="kv-cache"
def step(q, k, v, cache):
    """q, k, v (B, H, 1, d) of one token -> (B, H, 1, d); appends to cache["k"] and cache["v"] (B, H, t, d)."""
    raise NotImplementedError("exercise kv-cache: write the body of step()")


# %% tags=["solution"] exercise="kv-cache"
def step(q, k, v, cache):
    """q, k, v (B, H, 1, d) of one token -> (B, H, 1, d); appends to cache["k"] and cache["v"] (B, H, t, d)."""
    position = torch.tensor([cache["k"].shape[-2]])  # as many tokens as came before
    cache["k"] = torch.cat([cache["k"], rope(k, position)], -2)
    cache["v"] = torch.cat([cache["v"], v], -2)
    return sdpa(rope(q, position), cache["k"], cache["v"])  # everything cached is past: no mask


# %% 位置从输入的长度数起，每步都是 0；相对位置全丢了 tags=["wrong"] exercise="kv-cache"
def step(q, k, v, cache):
    position = torch.arange(q.shape[-2])
    cache["k"] = torch.cat([cache["k"], rope(k, position)], -2)
    cache["v"] = torch.cat([cache["v"], v], -2)
    return sdpa(rope(q, position), cache["k"], cache["v"])


# %% 带上了 is_causal；1×t 的掩码按左上角对齐，只看得见第 0 个键 tags=["wrong"] exercise="kv-cache"
def step(q, k, v, cache):
    position = torch.tensor([cache["k"].shape[-2]])
    cache["k"] = torch.cat([cache["k"], rope(k, position)], -2)
    cache["v"] = torch.cat([cache["v"], v], -2)
    return sdpa(rope(q, position), cache["k"], cache["v"], is_causal=True)


# %% tags=["check"] exercise="kv-cache"
cache = {"k": torch.empty(B, H, 0, d), "v": torch.empty(B, H, 0, d)}
steps = [step(q[:, :, t : t + 1], k[:, :, t : t + 1], v[:, :, t : t + 1], cache) for t in range(N)]
assert cache["k"].shape == cache["v"].shape == (B, H, N, d), f"cache-shape: {tuple(cache['k'].shape)} after {N} tokens"
turned = rope(k, torch.arange(N))
assert gap(cache["k"], turned) < TOL, "cache-keys: each key is turned by the position of its token"
assert torch.equal(cache["v"], v), "cache-order: the values lie in the order of their tokens"
assert gap(torch.cat(steps, 2), full(q, k, v)) < TOL, "cache-exact: decoding must equal the whole sequence at once"
print(f"kv-cache: {N} steps equal to one causal pass")

# %% [markdown]
# cache 有多大，由配置就能算：每个 token 要存 $2\times\text{层数}\times H_{kv}\times d$ 个数。

# %%
KiB = 1024
per_token = {
    name: 2 * layers * kv_heads * head_dim * 2  # K and V, fp16
    for name, layers, kv_heads, head_dim in [("LLaMA-2-7B", 32, 32, 128), ("LLaMA-3-8B", 32, 8, 128)]
}
mha, grouped = per_token.values()
assert mha == 512 * KiB and grouped == 128 * KiB, f"cache-size: {mha // KiB} and {grouped // KiB} KiB a token"
for name, size in per_token.items():
    print(f"{name}: {size // KiB} KiB of KV cache a token in fp16, {size * 4096 / 1024**3:.1f} GiB at 4096 tokens")

# %% [markdown]
# ## 练习五：在线 softmax
#
# 一行分数分块到来，看过就丢。只许带着三样东西走：最大值 $m$、指数和 $\ell$、未归一化的输出 $o$。来了新块 $s,V$：
#
# $$
# m'=\max(m,\max_j s_j),\qquad w=e^{m-m'},\qquad \ell'=w\,\ell+\sum_j e^{s_j-m'},\qquad o'=w\,o+\sum_j e^{s_j-m'}v_j
# $$
#
# 最后 $o/\ell$ 就是整行的输出。写循环体里的更新（推导见 [FlashAttention](article:flash-attention)）。

# %% tags=["blank"] exercise="online-softmax"
def online(s, v, block):
    """s (R, N) scores, v (N, d) values, seen in blocks of columns -> softmax(s) @ v, (R, d)."""
    raise NotImplementedError("exercise online-softmax: write the body of online()")


# %% tags=["solution"] exercise="online-softmax"
def online(s, v, block):
    """s (R, N) scores, v (N, d) values, seen in blocks of columns -> softmax(s) @ v, (R, d)."""
    m = torch.full((len(s), 1), -math.inf)
    l, o = torch.zeros(len(s), 1), torch.zeros(len(s), v.shape[1])
    for j in range(0, s.shape[1], block):
        m_new = torch.maximum(m, s[:, j : j + block].amax(1, keepdim=True))
        w, p = torch.exp(m - m_new), torch.exp(s[:, j : j + block] - m_new)
        l = w * l + p.sum(1, keepdim=True)
        o = w * o + p @ v[j : j + block]
        m = m_new
    return o / l


# %% 只修正了指数和，忘了修正输出；旧块的权重偏大 tags=["wrong"] exercise="online-softmax"
def online(s, v, block):
    m = torch.full((len(s), 1), -math.inf)
    l, o = torch.zeros(len(s), 1), torch.zeros(len(s), v.shape[1])
    for j in range(0, s.shape[1], block):
        m_new = torch.maximum(m, s[:, j : j + block].amax(1, keepdim=True))
        w, p = torch.exp(m - m_new), torch.exp(s[:, j : j + block] - m_new)
        l = w * l + p.sum(1, keepdim=True)
        o = o + p @ v[j : j + block]
        m = m_new
    return o / l


# %% 先更新 m 再算修正因子；因子恒为 1，等于没修正 tags=["wrong"] exercise="online-softmax"
def online(s, v, block):
    m = torch.full((len(s), 1), -math.inf)
    l, o = torch.zeros(len(s), 1), torch.zeros(len(s), v.shape[1])
    for j in range(0, s.shape[1], block):
        m_new = m = torch.maximum(m, s[:, j : j + block].amax(1, keepdim=True))
        w, p = torch.exp(m - m_new), torch.exp(s[:, j : j + block] - m_new)
        l = w * l + p.sum(1, keepdim=True)
        o = w * o + p @ v[j : j + block]
    return o / l


# %% tags=["check"] exercise="online-softmax"
S = 3 * torch.randn(5, N)
expected = S.softmax(1) @ V
assert gap(online(S, V, N), expected) < TOL, "online-whole: one block is the ordinary softmax"
assert gap(online(S, torch.ones(N, 1), 7), torch.ones(5, 1)) < TOL, "online-ones: the weights of a row sum to 1"
for block in (1, 7, 16):
    assert gap(online(S, V, block), expected) < TOL, f"online-exact: blocks of {block} must give the same rows"
assert gap(online(S + 1000, V, 7), expected) < 1e-11, "online-overflow: scores around 1000 must not overflow"
print("online-softmax: blocks of 1, 7, 16 and the whole row agree; scores + 1000 do not overflow")

# %% [markdown]
# 最后一条的容差放宽到 $10^{-11}$：1000 附近，相邻两个 float64 差 $1.1\times10^{-13}$，加 1000 时分数已经舍入了一次。
#
# ## 分块前向，边算边数
#
# GPU 上快慢取决于进出显存（HBM）的字节数。我们让每次读写都经过一个计数器：`load` 和 `store` 之外的一切都算在片上。按 fp16 计，每个数 2 字节。
#
# 先数标准写法：$S$ 写一次读一次，$P$ 写一次读一次，$Q,K,V,O$ 各一次。

# %%
class HBM:
    """Counts the bytes that cross between the slow memory and the chip."""

    def __init__(self, itemsize=2):
        self.itemsize, self.moved = itemsize, 0

    def load(self, x):
        self.moved += x.numel() * self.itemsize
        return x

    def store(self, target, x):
        self.moved += x.numel() * self.itemsize
        target.copy_(x)


def standard(Q, K, V, hbm):
    """Three kernels that hand S and P to each other through the slow memory. (N, d) -> (N, d)."""
    N, d = Q.shape
    S, P, O = torch.empty(N, N), torch.empty(N, N), torch.empty(N, d)
    hbm.store(S, hbm.load(Q) @ hbm.load(K).T / math.sqrt(d))
    hbm.store(P, hbm.load(S).softmax(1))
    hbm.store(O, hbm.load(P) @ hbm.load(V))
    return O


# %% [markdown]
# 再把练习五的循环套上查询块，就是 FlashAttention（FA-2 的循环次序）。$m,\ell,o$ 在内层循环里一直留在片上，$S$、$P$ 从不写出。
#
# 因果时，对角线右上的块整块跳过，只有对角块要掩码。顺手存一个 $L=m+\log\ell$，反向要用。

# %%
def flash(Q, K, V, hbm, block=64, causal=False):
    """(N, d) -> output (N, d) and logsumexp (N,); the N x N matrix never exists."""
    N, d = Q.shape
    O, L = torch.empty(N, d), torch.empty(N)
    for i in range(0, N, block):
        q = hbm.load(Q[i : i + block]) / math.sqrt(d)
        m = torch.full((len(q), 1), -math.inf)
        l, o = torch.zeros(len(q), 1), torch.zeros(len(q), d)
        for j in range(0, i + 1 if causal else N, block):
            s = q @ hbm.load(K[j : j + block]).T
            if causal and j == i:
                s = s.masked_fill(torch.ones_like(s, dtype=torch.bool).triu(1), -math.inf)
            m_new = torch.maximum(m, s.amax(1, keepdim=True))
            w, p = torch.exp(m - m_new), torch.exp(s - m_new)
            l, o, m = w * l + p.sum(1, keepdim=True), w * o + p @ hbm.load(V[j : j + block]), m_new
        hbm.store(O[i : i + block], o / l)
        hbm.store(L[i : i + block], (m + l.log())[:, 0])
    return O, L


N, d, block = 1024, 64, 128
Q, K, V = torch.randn(3, N, d)
slow, fast, half = HBM(), HBM(), HBM()
plain, (O, L), (O_causal, _) = standard(Q, K, V, slow), flash(Q, K, V, fast, block), flash(Q, K, V, half, block, True)
exact, exact_causal = sdpa(Q[None], K[None], V[None])[0], sdpa(Q[None], K[None], V[None], is_causal=True)[0]
assert gap(plain, exact) < TOL and gap(O, exact) < TOL, "flash-exact: tiled attention must equal SDPA"
assert gap(O_causal, exact_causal) < TOL, "flash-causal: skipping blocks must equal is_causal=True"
odd, _ = flash(Q[:1000], K[:1000], V[:1000], HBM(), block)
assert gap(odd, attend(Q[:1000], K[:1000], V[:1000])) < TOL, "flash-ragged: the last block may be smaller"

T = N // block
assert slow.moved == 2 * (4 * N * N + 4 * N * d), f"bytes-standard: {slow.moved} bytes, 4 N^2 + 4 N d numbers"
assert fast.moved == 2 * (2 * N * d + 2 * N * d * T + N), f"bytes-flash: {fast.moved} bytes, K and V read {T} times"
print(f"standard: {slow.moved / 1e6:.2f} MB moved for N = {N}, d = {d}")
print(f"flash:    {fast.moved / 1e6:.2f} MB with blocks of {block}, 1/{slow.moved / fast.moved:.1f} of it")
print(f"causal:   {half.moved / 1e6:.2f} MB, {T * (T + 1) // 2} of {T * T} blocks")

# %% [markdown]
# 两个公式，都由上面的断言核对过：
#
# $$
# \text{标准}=4N^2+4Nd,\qquad \text{分块}=2Nd+2Nd\cdot\frac N{B_r}+N
# $$
#
# 分块的主项是 $2N^2d/B_r$，仍是 $N$ 的平方。省多少看 $d/B_r$：块越大，K、V 重读得越少；块的上限是片上内存。中间显存才从 $N^2$ 变成 $N$。下面改变 $N$，再数一遍。

# %% alt="双对数图，横轴 N 从 256 到 2048，纵轴搬运的 MB。四条线斜率都趋于 2：标准写法最高，块 64、128、256 依次降低。"
import matplotlib.pyplot as plt

sizes = [256, 512, 1024, 2048]


def count(run, n):
    hbm = HBM()
    run(*torch.randn(3, n, d), hbm)
    return hbm.moved / 1e6


curves = {"standard": [count(standard, n) for n in sizes]}
for block in (64, 128, 256):
    curves[f"flash, block {block}"] = [count(lambda *a, b=block: flash(*a, b), n) for n in sizes]
growth = curves["flash, block 64"][-1] / curves["flash, block 64"][-2]
assert 3.8 < growth < 4, f"bytes-quadratic: doubling N moves {growth:.2f} times as much"
figure, axes = plt.subplots(figsize=(5, 3))
for name, megabytes in curves.items():
    axes.loglog(sizes, megabytes, "o-", label=name)
axes.set(xlabel="N", ylabel="MB moved (fp16, d = 64)", xticks=sizes, xticklabels=sizes)
axes.minorticks_off()
axes.legend(frameon=False, fontsize=8)
figure.tight_layout()
figure.savefig("bytes.svg")
print(f"doubling N from 1024 to 2048 moves {growth:.2f} times as much in blocks of 64")

# %% [markdown]
# ## 选做：反向靠重算
#
# 反向要用 $P$，但没有存。有 $L$ 就能逐块还原：$P_{ij}=e^{S_{ij}-L_i}$。
#
# softmax 的反向还要每行一个数 $D_i=\sum_jP_{ij}\,dP_{ij}$，它恰好等于 $dO_i\cdot O_i$，不用看整行。于是：
#
# $$
# dV=P^\top dO,\quad dP=dO\,V^\top,\quad dS=P\circ(dP-D),\quad
# dQ=\frac{dS\,K}{\sqrt d},\quad dK=\frac{dS^\top Q}{\sqrt d}
# $$

# %%
def flash_backward(Q, K, V, O, L, dO, block=64):
    """Gradients of Q, K, V from the inputs, the output and one logsumexp a row. (N, d) each."""
    dQ, dK, dV = torch.zeros_like(Q), torch.zeros_like(K), torch.zeros_like(V)
    scale, D = 1 / math.sqrt(Q.shape[1]), (dO * O).sum(1, keepdim=True)  # D (N, 1)
    for j in range(0, len(K), block):
        for i in range(0, len(Q), block):
            rows, columns = slice(i, i + block), slice(j, j + block)
            P = torch.exp(Q[rows] @ K[columns].T * scale - L[rows, None])  # recomputed, already normalized
            dS = P * (dO[rows] @ V[columns].T - D[rows])
            dV[columns] += P.T @ dO[rows]
            dQ[rows] += dS @ K[columns] * scale
            dK[columns] += dS.T @ Q[rows] * scale
    return dQ, dK, dV


dO = torch.randn(N, d)
inputs = [x.clone().requires_grad_() for x in (Q, K, V)]
oracle = torch.autograd.grad(sdpa(*(x[None] for x in inputs))[0], inputs, dO)
ours = flash_backward(Q, K, V, O, L, dO)
worst = max(gap(a, b) for a, b in zip(ours, oracle))
assert worst < TOL, f"backward-exact: gap {worst:.1e} to autograd through SDPA"
print("backward: dQ, dK, dV equal to autograd through SDPA; no N x N matrix was kept")

# %% [markdown]
# ## 接下来
#
# - 原理、数字与流传的错误说法：[FlashAttention](article:flash-attention)
# - 面试里手写的那一版：[手撕多头注意力](article:code-mha)
# - 为什么除以 $\sqrt d$：[注意力公式](article:attention-formula)
