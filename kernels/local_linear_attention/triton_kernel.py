"""Local linear attention in Triton: moments of the shares, conjugate gradients, and the output."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from attnproof.kernels.arguments import NARROW, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.triton_runtime import interpreted, tl, triton

from .conjugate_gradient import examine_ridge
from .triton_solver import (
    PRECISION,
    along_of,
    length_of,
    numbers_of,
    shares_of,
    solve,
    tile_of,
)

# Queries and keys of a tile. Everything is computed in float32, where larger tiles spill. The
# interpreter takes its time by the tile, whatever its size.
BLOCK, BLOCK_INTERPRETED = 16, 64
MOMENTS_WARPS = 4
OUTPUT_WARPS = 4


@triton.jit
def moments_kernel(
    query, key, largest_of, total_of, size_of, first_of, length, width, scale, ridge,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """m, l, ``S = Σ_j p_ij (‖k_j‖ + ‖q_i‖)² + λ`` and ``μ = Σ_j p_ij k_j − q_i`` of one tile of
    rows of one head, online."""
    head = tl.program_id(1).to(tl.int64)
    top = tl.program_id(0) * BLOCK
    rows = top + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    q = tile_of(query, head, rows, length, across, width)
    reach = length_of(q)
    largest = tl.full([BLOCK], float("-inf"), dtype=tl.float32)
    total = tl.zeros([BLOCK], dtype=tl.float32)
    squares = tl.zeros([BLOCK], dtype=tl.float32)
    summed = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    for left in range(0, top + BLOCK, BLOCK):
        others = left + tl.arange(0, BLOCK)
        k = tile_of(key, head, others, length, across, width)
        scores = scale * tl.dot(q, tl.trans(k), input_precision=PRECISION)
        # The first tile holds token 0, which every row sees: no row is empty.
        scores = tl.where(others[None, :] <= rows[:, None], scores, float("-inf"))
        new = tl.maximum(largest, tl.max(scores, axis=1))
        factor = tl.exp(largest - new)
        weights = tl.exp(scores - new[:, None])
        lengths = length_of(k)[None, :] + reach[:, None]
        total = total * factor + tl.sum(weights, axis=1)
        squares = squares * factor + tl.sum(weights * lengths * lengths, axis=1)
        summed = summed * factor[:, None] + tl.dot(weights, k, input_precision=PRECISION)
        largest = new
    place = head * length + rows
    tl.store(largest_of + place, largest, mask=rows < length)
    tl.store(total_of + place, total, mask=rows < length)
    tl.store(size_of + place, squares / total + ridge, mask=rows < length)
    tl.store(
        first_of + place[:, None] * width + across[None, :],
        summed / total[:, None] - q,
        mask=(rows < length)[:, None] & (across < width)[None, :],
    )


@triton.jit
def output_kernel(
    query, key, value, largest_of, total_of, first_of, slope_of, rest_of, output,
    length, width, columns, scale,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """``D = 1 − μᵀρ`` and ``Σ_j p_ij (1 − z_ijᵀρ_i) v_j / D`` of one tile of rows of one head."""
    head = tl.program_id(1).to(tl.int64)
    top = tl.program_id(0) * BLOCK
    rows = top + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    q = tile_of(query, head, rows, length, across, width)
    slope = tile_of(slope_of, head, rows, length, across, width)
    first = tile_of(first_of, head, rows, length, across, width)
    largest = numbers_of(largest_of, head, rows, length, 0.0)
    total = numbers_of(total_of, head, rows, length, 1.0)
    rest = 1.0 - tl.sum(first * slope, axis=1)
    summed = tl.zeros([BLOCK, COLUMNS], dtype=tl.float32)
    for left in range(0, top + BLOCK, BLOCK):
        others = left + tl.arange(0, BLOCK)
        k = tile_of(key, head, others, length, across, width)
        v = tile_of(value, head, others, length, along, columns)
        shares = shares_of(q, k, rows, others, largest, total, scale, PRECISION)
        weights = shares * (1.0 - along_of(slope, q, k, PRECISION))
        summed += tl.dot(weights, v, input_precision=PRECISION)
    tl.store(rest_of + head * length + rows, rest, mask=rows < length)
    tl.store(
        output + (head * length + rows)[:, None] * columns + along[None, :],
        summed / rest[:, None],
        mask=(rows < length)[:, None] & (along < columns)[None, :],
    )


@dataclass(frozen=True)
class Fit:
    """What the rows of a forward pass leave behind, in float32.

    Attributes:
        largest, total: m and l of the softmax, [B, H, N].
        size: S of the stopping rule, [B, H, N].
        slope: ρ, [B, H, N, d].
        rest: ``D = 1 − μᵀρ``, [B, H, N].
        output: [B, H, N, e], before it is rounded to the dtype of the inputs.
    """

    largest: torch.Tensor
    total: torch.Tensor
    size: torch.Tensor
    slope: torch.Tensor
    rest: torch.Tensor
    output: torch.Tensor


def fit(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    ridge: float,
    block: int,
) -> Fit:
    """The forward pass of `local_linear_attention` on contiguous tensors, and what it leaves."""
    batch, heads, length, width = query.shape
    columns = value.shape[-1]
    # Not empty: an element that no program writes must not look right.
    new = lambda *shape: torch.full(shape, float("nan"), dtype=torch.float32, device=value.device)
    largest, total, size, rest = (new(batch, heads, length) for _ in range(4))
    first, output = new(*query.shape), new(*value.shape)
    grid = (triton.cdiv(length, block), batch * heads)
    broad = max(16, triton.next_power_of_2(width))
    moments_kernel[grid](
        query, key, largest, total, size, first, length, width, scale, ridge,
        BLOCK=block, WIDTH=broad, PRECISION=PRECISION, num_warps=MOMENTS_WARPS,
    )  # fmt: skip
    slope = solve(query, key, largest, total, size, first, scale=scale, ridge=ridge, block=block)
    output_kernel[grid](
        query, key, value, largest, total, first, slope, rest, output,
        length, width, columns, scale,
        BLOCK=block, WIDTH=broad, COLUMNS=max(16, triton.next_power_of_2(columns)),
        PRECISION=PRECISION, num_warps=OUTPUT_WARPS,
    )  # fmt: skip
    return Fit(largest, total, size, slope, rest, output)


def examined(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, ridge: float, block: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, int]:
    """Contiguous tensors and the block to use, or a refusal.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`;
            or a ridge that is not positive.
    """
    examine_recurrence(query, key, value, {}, accepted=NARROW)
    examine_ridge(ridge)
    block = block or (BLOCK_INTERPRETED if interpreted() else BLOCK)
    examine_block(block, power_of_two=True)
    return query.contiguous(), key.contiguous(), value.contiguous(), block
