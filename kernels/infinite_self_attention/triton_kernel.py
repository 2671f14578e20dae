"""One hop of infinite self-attention in Triton: one program per head and row block."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import examine_block
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
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, block: int = 0
) -> tuple[torch.Tensor, torch.Tensor]:
    """``A0 V`` and the row sums of ``A0 ∘ A0``, in float32, without a gradient of their own.

    With bfloat16 inputs on a GPU a tile of affinities is rounded once to bfloat16 before it meets
    the values.

    Args:
        block: rows and columns of a tile; 0 for what suits the dtype.

    Raises:
        ValueError: see `arguments.examine_block`.
    """
    block = block or BLOCK[query.dtype]
    examine_block(block, power_of_two=True)
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
