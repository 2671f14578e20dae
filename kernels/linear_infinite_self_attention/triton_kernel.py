"""Linear infinite self-attention in Triton: chunks in parallel, their sums combined at the end."""

from __future__ import annotations

import math

import torch

from attnproof.kernels.arguments import examine_block
from attnproof.kernels.triton_runtime import tl, triton

from .blocked import nonzero

# With four warps the float32 tiles of keys and values spill.
WARPS = 8


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
        # Rounded to nearest, as the error bound has it; the other root of a GPU is approximate.
        norm = tl.sqrt_rn(tl.sum(q * q, axis=1))
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


def pooled_row(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    gamma: float,
    epsilon: float,
    block: int,
    chunks: int,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """The row ``y = γ Σ_j r_j v_j / T`` that all outputs are, in float32.

    Args:
        block: tokens per step, a power of two.
        chunks: programs per head in each pass.

    Returns:
        y [B, H, e]; q̄ [B, H, d]; ``S = Σ‖q_i‖ + ε√d`` and ``T = Σ r_j + ε``, [B, H, 1].

    Raises:
        ValueError: see `arguments.examine_block`.
    """
    examine_block(block, power_of_two=True)
    query, key, value = query.contiguous(), key.contiguous(), value.contiguous()
    batch, heads, length, width = query.shape
    columns = value.shape[-1]
    block, chunk, parts = steps(length, block, chunks)
    grid = (parts, batch * heads)

    def buffer(*shape: int) -> torch.Tensor:
        # Not zeros: an element that no program writes must not look right.
        return torch.full(shape, float("nan"), dtype=torch.float32, device=query.device)

    sizes = {"BLOCK": block, "WIDTH": triton.next_power_of_2(width)}
    pooled, norms = buffer(batch, heads, parts, width), buffer(batch, heads, parts)
    pool_kernel[grid](query, pooled, norms, length, width, chunk, num_warps=WARPS, **sizes)
    weight = nonzero(norms.sum(-1, keepdim=True) + epsilon * math.sqrt(width))
    mean = pooled.sum(-2) / weight
    numerator, totals = buffer(batch, heads, parts, columns), buffer(batch, heads, parts)
    score_kernel[grid](
        mean, key, value, numerator, totals, length, width, columns, chunk,
        1.0 / width, COLUMNS=triton.next_power_of_2(columns), num_warps=WARPS, **sizes,
    )  # fmt: skip
    total = nonzero(totals.sum(-1, keepdim=True) + epsilon)
    return gamma * numerator.sum(-2) / total, mean, weight, total


def steps(length: int, block: int, chunks: int) -> tuple[int, int, int]:
    """Tokens per step, tokens per program, and programs per head."""
    block = min(block, max(16, triton.next_power_of_2(length)))
    chunk = triton.cdiv(triton.cdiv(length, chunks), block) * block
    return block, chunk, triton.cdiv(length, chunk)
