"""Linear infinite self-attention in Triton: chunks in parallel, their sums combined at the end."""

from __future__ import annotations

import math

import torch

from attnproof.kernels.arguments import NARROW, examine, examine_block
from attnproof.kernels.triton_runtime import tl, triton

from .blocked import _nonzero


@triton.jit
def pool_kernel(
    query, pooled, norms, length, width, chunk,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr,
):  # fmt: skip
    """``Σ ‖q_i‖ q_i`` and ``Σ ‖q_i‖`` over one chunk of one head."""
    head = tl.program_id(1).to(tl.int64)
    part = tl.program_id(0)
    across = tl.arange(0, WIDTH)
    total = tl.zeros([WIDTH], dtype=tl.float32)
    weight = tl.zeros([BLOCK], dtype=tl.float32)
    for step in range(0, chunk, BLOCK):
        rows = part * chunk + step + tl.arange(0, BLOCK)
        inside = (rows < length) & (step + tl.arange(0, BLOCK) < chunk)
        q = tl.load(
            query + (head * length + rows)[:, None] * width + across[None, :],
            mask=inside[:, None] & (across < width)[None, :],
            other=0.0,
        ).to(tl.float32)
        norm = tl.sqrt(tl.sum(q * q, axis=1))
        total += tl.sum(q * norm[:, None], axis=0)
        weight += norm
    slot = head * tl.num_programs(0) + part
    tl.store(pooled + slot * width + across, total, mask=across < width)
    tl.store(norms + slot, tl.sum(weight))


@triton.jit
def score_kernel(
    pooled, key, value, numerator, totals, length, width, columns, chunk, inverse_width,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr,
):  # fmt: skip
    """``Σ r_j v_j`` and ``Σ r_j`` over one chunk of one head."""
    head = tl.program_id(1).to(tl.int64)
    part = tl.program_id(0)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    q = tl.load(pooled + head * width + across, mask=across < width, other=0.0)
    total = tl.zeros([COLUMNS], dtype=tl.float32)
    weight = tl.zeros([BLOCK], dtype=tl.float32)
    for step in range(0, chunk, BLOCK):
        rows = part * chunk + step + tl.arange(0, BLOCK)
        inside = (rows < length) & (step + tl.arange(0, BLOCK) < chunk)
        k = tl.load(
            key + (head * length + rows)[:, None] * width + across[None, :],
            mask=inside[:, None] & (across < width)[None, :],
            other=0.0,
        ).to(tl.float32)
        v = tl.load(
            value + (head * length + rows)[:, None] * columns + along[None, :],
            mask=inside[:, None] & (along < columns)[None, :],
            other=0.0,
        ).to(tl.float32)
        score = tl.maximum(tl.sum(k * q[None, :], axis=1) * inverse_width, 0.0)
        total += tl.sum(v * score[:, None], axis=0)
        weight += score
    slot = head * tl.num_programs(0) + part
    tl.store(numerator + slot * columns + along, total, mask=along < columns)
    tl.store(totals + slot, tl.sum(weight))


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
    """``y_i = γ Σ_j a_j v_j``, ``a_j = r_j/(Σ r + ε)``, ``r_j = [q̄·k_j/d]_+``, forward only.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e], same dtype.
        block: tokens per step, a power of two.
        chunks: programs per head in each pass.

    Raises:
        ValueError: see `arguments.examine` and `arguments.examine_block`.

    Source: arXiv:2603.00175v2, "linear" variant; `theory.operator.linear_infinite_self_attention`.
    """
    examine(query, key, value, gamma, epsilon, accepted=NARROW)
    examine_block(block, power_of_two=True)
    query, key, value = query.contiguous(), key.contiguous(), value.contiguous()
    batch, heads, length, width = query.shape
    columns = value.shape[-1]
    block = min(block, max(16, triton.next_power_of_2(length)))
    chunk = triton.cdiv(triton.cdiv(length, chunks), block) * block
    parts = triton.cdiv(length, chunk)
    grid = (parts, batch * heads)

    def buffer(*shape: int) -> torch.Tensor:
        # Not zeros: an element that no program writes must not look right.
        return torch.full(shape, float("nan"), dtype=torch.float32, device=query.device)

    sizes = {"BLOCK": block, "WIDTH": triton.next_power_of_2(width)}
    pooled, norms = buffer(batch, heads, parts, width), buffer(batch, heads, parts)
    pool_kernel[grid](query, pooled, norms, length, width, chunk, **sizes)
    shift = epsilon * math.sqrt(width)
    mean = pooled.sum(-2) / _nonzero(norms.sum(-1, keepdim=True) + shift)
    numerator, totals = buffer(batch, heads, parts, columns), buffer(batch, heads, parts)
    score_kernel[grid](
        mean.contiguous(), key, value, numerator, totals, length, width, columns, chunk,
        1.0 / width, COLUMNS=triton.next_power_of_2(columns), **sizes,
    )  # fmt: skip
    row = gamma * numerator.sum(-2) / _nonzero(totals.sum(-1, keepdim=True) + epsilon)
    return row[..., None, :].to(query.dtype).expand(batch, heads, length, columns).contiguous()
