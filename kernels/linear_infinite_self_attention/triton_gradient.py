"""Linear infinite self-attention in Triton with a gradient: one pass over keys and values, one over
queries.

With ``n_i = ‖q_i‖``, ``S = Σ n_i + ε√d``, ``q̄ = Σ n_i q_i/S``, ``s_j = q̄·k_j/d``,
``r_j = [s_j]_+``, ``T = Σ r_j + ε`` and the row ``y = γ Σ r_j v_j/T`` that all outputs are, let
``g = Σ_i G_i`` be the sum of the rows of the cotangent. Then

    dv_j = (γ/T) r_j g
    ds_j = 1[s_j > 0] (γ g·v_j − g·y)/T
    dk_j = ds_j q̄/d
    h    = Σ_j ds_j k_j/d                              the cotangent of q̄
    dq_i = (n_i h + (h·q_i − h·q̄) q_i/n_i)/S

At a query of zeros, where the norm has no derivative, the subgradient 0 is taken: dq_i = 0.
"""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from attnproof.kernels.arguments import NARROW, examine
from attnproof.kernels.triton_runtime import tl, triton

from .triton_kernel import pooled_row, steps

# Tokens per step of the backward passes, and programs per head.
BLOCK, CHUNKS = 64, 8


@triton.jit
def key_gradient_kernel(
    pooled, key, value, summed, offset, of_key, of_value, of_pooled,
    length, width, columns, chunk, inverse_width,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    """dk and dv of one chunk of one head, and its share of h.

    ``summed`` is γg/T, ``offset`` is g·y/T."""
    head = tl.program_id(1).to(tl.int64)
    part = tl.program_id(0)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    q = tl.load(pooled + head * width + across, mask=across < width, other=0.0)
    g = tl.load(summed + head * columns + along, mask=along < columns, other=0.0)
    away = tl.load(offset + head)
    share = tl.zeros([WIDTH], dtype=tl.float32)
    for step in range(0, chunk, BLOCK):
        rows = part * chunk + step + tl.arange(0, BLOCK)
        inside = (rows < length) & (step + tl.arange(0, BLOCK) < chunk)
        wide = inside[:, None] & (across < width)[None, :]
        narrow = inside[:, None] & (along < columns)[None, :]
        at = (head * length + rows)[:, None] * width + across[None, :]
        there = (head * length + rows)[:, None] * columns + along[None, :]
        k = tl.load(key + at, mask=wide, other=0.0).to(tl.float32)
        score = tl.maximum(tl.sum(k * q[None, :], axis=1) * inverse_width, 0.0)
        tl.store(of_value + there, score[:, None] * g[None, :], mask=narrow)
        v = tl.load(value + there, mask=narrow, other=0.0).to(tl.float32)
        change = tl.sum(v * g[None, :], axis=1) - away
        change = tl.where(score > 0.0, change, 0.0) * inverse_width
        tl.store(of_key + at, change[:, None] * q[None, :], mask=wide)
        share += tl.sum(k * change[:, None], axis=0)
    slot = head * tl.num_programs(0) + part
    tl.store(of_pooled + slot * width + across, share, mask=across < width)


@triton.jit
def query_gradient_kernel(
    query, cotangent, offset, of_query, length, width,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr,
):  # fmt: skip
    """dq of one block of rows of one head; ``cotangent`` is h/S, ``offset`` is h·q̄/S."""
    head = tl.program_id(1).to(tl.int64)
    rows = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    at = (head * length + rows)[:, None] * width + across[None, :]
    wide = (rows < length)[:, None] & (across < width)[None, :]
    h = tl.load(cotangent + head * width + across, mask=across < width, other=0.0)
    away = tl.load(offset + head)
    q = tl.load(query + at, mask=wide, other=0.0).to(tl.float32)
    norm = tl.sqrt_rn(tl.sum(q * q, axis=1))
    change = tl.sum(q * h[None, :], axis=1) - away
    change = tl.div_rn(change, tl.where(norm > 0.0, norm, 1.0))
    tl.store(of_query + at, norm[:, None] * h[None, :] + change[:, None] * q, mask=wide)


def gradients(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    summed: torch.Tensor,
    state: tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor],
    gamma: float,
    *,
    of_query: bool,
) -> tuple[torch.Tensor | None, torch.Tensor, torch.Tensor]:
    """dq, dk and dv in float32.

    Args:
        summed: g, [B, H, e]; state: see `triton_kernel.pooled_row`.
        of_query: whether dq is wanted, which takes a second pass.
    """
    row, pooled, weight, total = state
    query, key, value = query.contiguous(), key.contiguous(), value.contiguous()
    batch, heads, length, width = query.shape
    columns = value.shape[-1]
    block, chunk, parts = steps(length, BLOCK, CHUNKS)

    def buffer(*shape: int) -> torch.Tensor:
        # Not empty: an element that no program writes must not look right.
        return torch.full(shape, float("nan"), dtype=torch.float32, device=query.device)

    dk, dv, shares = buffer(*key.shape), buffer(*value.shape), buffer(batch, heads, parts, width)
    sizes = {"BLOCK": block, "WIDTH": triton.next_power_of_2(width)}
    key_gradient_kernel[(parts, batch * heads)](
        pooled, key, value, gamma * summed / total, (summed * row).sum(-1, keepdim=True) / total,
        dk, dv, shares, length, width, columns, chunk, 1.0 / width,
        COLUMNS=triton.next_power_of_2(columns), **sizes,
    )  # fmt: skip
    if not of_query:
        return None, dk, dv
    back = shares.sum(-2)
    dq = buffer(*query.shape)
    query_gradient_kernel[(triton.cdiv(length, block), batch * heads)](
        query, back / weight, (back * pooled).sum(-1, keepdim=True) / weight, dq,
        length, width, **sizes,
    )  # fmt: skip
    return dq, dk, dv


class _LinearInfiniteSelfAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, query, key, value, gamma, epsilon, block, chunks):
        state = pooled_row(query, key, value, gamma, epsilon, block, chunks)
        ctx.save_for_backward(query, key, value, *state)
        ctx.gamma = gamma
        return state[0].to(query.dtype)[..., None, :].expand(value.shape).contiguous()

    @staticmethod
    @once_differentiable
    def backward(ctx, cotangent):
        query, key, value, *state = ctx.saved_tensors
        summed = cotangent.sum(-2, dtype=torch.float32)
        needed = ctx.needs_input_grad[:3]
        found = gradients(query, key, value, summed, state, ctx.gamma, of_query=needed[0])
        cast = [one.to(query.dtype) if wanted else None for one, wanted in zip(found, needed)]
        return (*cast, None, None, None, None)


def linear_infinite_self_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    gamma: float,
    epsilon: float = 1e-6,
    block: int = 256,
    chunks: int = 8,
) -> torch.Tensor:
    """``y_i = γ Σ_j a_j v_j``, ``a_j = r_j/(Σ r + ε)``, ``r_j = [q̄·k_j/d]_+``, with a gradient.

    Two streaming passes forwards and two backwards, O(N(d + e)) each; what is kept between them
    is the inputs and 2d + e + 2 numbers per head.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e], same dtype.
        block: tokens per step of the forward passes, a power of two of at least 16.
        chunks: programs per head in each pass.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Gradients are computed in float32 and rounded once;
        at a query of zeros, where the norm has no derivative, the subgradient 0 is taken.

    Raises:
        ValueError: see `arguments.examine` and `arguments.examine_block`.

    Source: arXiv:2603.00175v2, "linear" variant; `theory.operator.linear_infinite_self_attention`.
    """
    examine(query, key, value, gamma, epsilon, accepted=NARROW)
    return _LinearInfiniteSelfAttention.apply(query, key, value, gamma, epsilon, block, chunks)
