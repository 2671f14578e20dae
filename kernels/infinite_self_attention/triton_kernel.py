"""Infinite self-attention in Triton: one program per head and row block."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW, examine, examine_block
from attnproof.kernels.triton_runtime import compute_dtype, tl, triton

# Rows and columns of a tile. Products in float32 take more registers: at 64 they spill.
BLOCK = {torch.bfloat16: 64, torch.float16: 32, torch.float32: 32}
# Full float32 products: the error bound does not hold for TF32.
PRECISION = "ieee"


@triton.jit
def affinity_times_kernel(
    query, key, value, product, squares,
    length, width, columns, inverse_width,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr, COMPUTE: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    """``A0 V`` and the row sums of ``A0 ∘ A0`` for one row block; all tensors contiguous."""
    head = tl.program_id(1).to(tl.int64)
    rows = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    inside = rows < length
    start = head * length
    q = tl.load(
        query + (start + rows)[:, None] * width + across[None, :],
        mask=inside[:, None] & (across < width)[None, :],
        other=0.0,
    ).to(COMPUTE)
    total = tl.zeros([BLOCK, COLUMNS], dtype=tl.float32)
    square = tl.zeros([BLOCK], dtype=tl.float32)
    for left in range(0, length, BLOCK):
        columns_here = left + tl.arange(0, BLOCK)
        k = tl.load(
            key + (start + columns_here)[None, :] * width + across[:, None],
            mask=(columns_here < length)[None, :] & (across < width)[:, None],
            other=0.0,
        ).to(COMPUTE)
        v = tl.load(
            value + (start + columns_here)[:, None] * columns + along[None, :],
            mask=(columns_here < length)[:, None] & (along < columns)[None, :],
            other=0.0,
        ).to(COMPUTE)
        tile = tl.dot(q, k, input_precision=PRECISION) * inverse_width
        tile = tl.maximum(tile, 0.0)
        square += tl.sum(tile * tile, axis=1)
        total += tl.dot(tile.to(COMPUTE), v, input_precision=PRECISION)
    tl.store(
        product + (start + rows)[:, None] * columns + along[None, :],
        total,
        mask=inside[:, None] & (along < columns)[None, :],
    )
    tl.store(squares + start + rows, square, mask=inside)


def affinity_times(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, block: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """``A0 V`` and the row sums of ``A0 ∘ A0``, in float32."""
    query, key, value = query.contiguous(), key.contiguous(), value.contiguous()
    batch, heads, length, width = query.shape
    columns = value.shape[-1]
    # Not zeros: an element that no program writes must not look right.
    product = torch.full((*value.shape,), float("nan"), dtype=torch.float32, device=query.device)
    squares = torch.full(query.shape[:-1], float("nan"), dtype=torch.float32, device=query.device)
    affinity_times_kernel[(triton.cdiv(length, block), batch * heads)](
        query, key, value, product, squares,
        length, width, columns, 1.0 / width,
        BLOCK=block, WIDTH=max(16, triton.next_power_of_2(width)),
        COLUMNS=max(16, triton.next_power_of_2(columns)),
        COMPUTE=compute_dtype(query.dtype), PRECISION=PRECISION,
    )  # fmt: skip
    return product, squares


def infinite_self_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    gamma: float,
    epsilon: float = 1e-6,
    block: int | None = None,
) -> torch.Tensor:
    """``Y = γ A0 V / (‖A0‖_F + ε)`` with ``A0 = [Q Kᵀ / d]_+``, forward only.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16; sums are held in float32.
        value: [B, H, N, e], same dtype.
        block: rows and columns of a tile, a power of two of at least 16; `BLOCK` by default.

    Raises:
        ValueError: see `arguments.examine` and `arguments.examine_block`.

    Source: arXiv:2603.00175v2, "pure" variant; `theory.operator.infinite_self_attention`.
    """
    examine(query, key, value, gamma, epsilon, accepted=NARROW)
    block = BLOCK[query.dtype] if block is None else block
    examine_block(block, power_of_two=True)
    product, squares = affinity_times(query, key, value, block)
    denominator = squares.sum(-1).sqrt()[..., None, None] + epsilon
    denominator = torch.where(denominator == 0, torch.ones_like(denominator), denominator)
    return (gamma * product / denominator).to(query.dtype)
