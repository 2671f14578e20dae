"""The preconditioned values of LUCID attention in Triton: substitution, a block of rows a launch.

For one block of rows after the other: a launch solves the block row by row, and a second one
subtracts its part from all later rows at once, in parallel over tiles, heads and value channels. A
launch starts when the one before has ended, so that no program reads what another one is writing;
and what is left of the rows to come moves between two buffers, so that none overwrites what it
reads.
"""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.triton_runtime import compute_dtype, tl, triton

# Rows of a tile, and value channels per program: solving row by row holds fewer.
BLOCK = 32
SOLVED_SLICE = 32
SLICE = 64
PRECISION = "ieee"


@triton.jit
def kernel_entries(left, right, scale, offset, PRECISION: tl.constexpr):
    """``e^{scale·left_tᵀright_j − offset}`` for two tiles of keys."""
    return tl.exp(scale * tl.dot(left, tl.trans(right), input_precision=PRECISION) - offset)


@triton.jit
def solve_kernel(
    normal_key, rest, written, length, width, columns, first, scale, offset,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, SLICE: tl.constexpr,
    COMPUTE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """The rows from ``first`` on of one head and one slice of the values."""
    head = tl.program_id(0).to(tl.int64)
    place = tl.arange(0, BLOCK)
    rows = first + place
    across = tl.arange(0, WIDTH)
    along = tl.program_id(1) * SLICE + tl.arange(0, SLICE)
    inside = rows < length
    k = tl.load(
        normal_key + (head * length + rows)[:, None] * width + across[None, :],
        mask=inside[:, None] & (across < width)[None, :],
        other=0.0,
    ).to(COMPUTE)
    there = (head * length + rows)[:, None] * columns + along[None, :]
    narrow = inside[:, None] & (along < columns)[None, :]
    writes = tl.load(rest + there, mask=narrow, other=0.0).to(tl.float32)
    coupling = kernel_entries(k, k, scale, offset, PRECISION)
    coupling = tl.where(place[:, None] > place[None, :], coupling, 0.0)
    # Row by row; the inverse by repeated squaring would lose every digit at a repeated key. A row
    # of the coupling times what is solved is a product of tiles in which the other rows are 0.
    for row in range(1, BLOCK):
        own = tl.where(place[:, None] == row, coupling, 0.0)
        writes -= tl.dot(own, writes, input_precision=PRECISION)
    tl.store(written + there, writes, mask=narrow)


@triton.jit
def subtract_kernel(
    normal_key, rest, written, reduced, length, width, columns, first, scale, offset,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, SLICE: tl.constexpr,
    COMPUTE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """One tile of rows after the block at ``first``, less what that block takes from them."""
    head = tl.program_id(1).to(tl.int64)
    solved = first + tl.arange(0, BLOCK)
    rows = first + (tl.program_id(0) + 1) * BLOCK + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.program_id(2) * SLICE + tl.arange(0, SLICE)
    inside = rows < length
    wide = (across < width)[None, :]
    k = tl.load(
        normal_key + (head * length + rows)[:, None] * width + across[None, :],
        mask=inside[:, None] & wide,
        other=0.0,
    ).to(COMPUTE)
    # There are rows to come, so that every row of the block is a token.
    earlier = tl.load(
        normal_key + (head * length + solved)[:, None] * width + across[None, :],
        mask=wide,
        other=0.0,
    ).to(COMPUTE)
    u = tl.load(
        written + (head * length + solved)[:, None] * columns + along[None, :],
        mask=(along < columns)[None, :],
        other=0.0,
    )
    there = (head * length + rows)[:, None] * columns + along[None, :]
    narrow = inside[:, None] & (along < columns)[None, :]
    left = tl.load(rest + there, mask=narrow, other=0.0).to(tl.float32)
    entries = kernel_entries(k, earlier, scale, offset, PRECISION)
    left -= tl.dot(entries, u, input_precision=PRECISION)
    tl.store(reduced + there, left, mask=narrow)


def preconditioned_values(
    normal_key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    offset: float,
    block: int = BLOCK,
) -> torch.Tensor:
    """``u_t = v_t − Σ_{j<t} e^{scale·κ_tᵀκ_j − offset} u_j``, forward only.

    Args:
        normal_key: κ, [B, H, N, d]; value: [B, H, N, e]; one dtype, float32, float16 or bfloat16.
        block: rows of a tile, a power of two of at least 16.

    Returns:
        [B, H, N, e] in float32, which sums are held in throughout: a u that is rounded to the dtype
        of narrow inputs would carry that error to all later rows.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2602.10410, Eq. (6); `theory.operator.lucid_attention`.
    """
    examine_recurrence(normal_key, normal_key, value, {}, accepted=NARROW)
    examine_block(block, power_of_two=True)
    normal_key, value = normal_key.contiguous(), value.contiguous()
    batch, heads, length, width = normal_key.shape
    columns = value.shape[-1]
    empty = lambda: torch.full(value.shape, float("nan"), dtype=torch.float32, device=value.device)
    written, buffers, rest = empty(), (empty(), empty()), value
    whole = max(16, triton.next_power_of_2(columns))
    narrow, broad = min(SOLVED_SLICE, whole), min(SLICE, whole)
    constants = {
        "BLOCK": block, "WIDTH": max(16, triton.next_power_of_2(width)),
        "COMPUTE": compute_dtype(normal_key.dtype), "PRECISION": PRECISION,
    }  # fmt: skip
    for count, first in enumerate(range(0, length, block)):
        numbers = (length, width, columns, first, float(scale), float(offset))
        solve_kernel[(batch * heads, triton.cdiv(columns, narrow))](
            normal_key, rest, written, *numbers, SLICE=narrow, **constants
        )
        to_come = triton.cdiv(length - first, block) - 1
        if to_come:
            reduced = buffers[count % 2]
            subtract_kernel[(to_come, batch * heads, triton.cdiv(columns, broad))](
                normal_key, rest, written, reduced, *numbers, SLICE=broad, **constants
            )
            rest = reduced
    return written
