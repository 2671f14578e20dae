"""Softmax attention in Triton: a program per tile of rows, online over tiles of columns.

One kernel for the causal operator, for the one without a mask, and for the one with a mask given.
"""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.triton_runtime import compute_dtype, tl, triton

# Rows and columns of a tile. Products in float32 take more registers.
BLOCK = {torch.bfloat16: 64, torch.float16: 32, torch.float32: 32}
PRECISION = "ieee"

State = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


@triton.jit
def rows_of(tensor, first, places, length, width, across):
    """Rows ``places`` of the head whose rows begin at ``first``; zeros where there are none."""
    return tl.load(
        tensor + (first + places)[:, None] * width + across[None, :],
        mask=(places < length)[:, None] & (across < width)[None, :],
        other=0.0,
    )


@triton.jit
def pairs_seen(
    mask, head, rows, others, length, heads, of_batch, of_head, of_row, of_column,
    CAUSAL: tl.constexpr, MASKED: tl.constexpr,
):  # fmt: skip
    """Whether row i sees key j, for places that broadcast; never outside the sequence."""
    seen = (rows < length) & (others < length)
    if CAUSAL:
        seen = seen & (others <= rows)
    if MASKED:
        # Products in 64 bits: a mask of 2¹⁶ rows and columns has 2³² entries.
        at = rows.to(tl.int64) * of_row + others.to(tl.int64) * of_column
        base = mask + (head // heads) * of_batch + (head % heads) * of_head
        seen = seen & (tl.load(base + at, mask=seen, other=0) != 0)
    return seen


@triton.jit
def tile_kernel(
    query, key, value, output, largest_of, total_of, mask, length, width, columns, scale,
    heads, of_batch, of_head, of_row, of_column,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr, COMPUTE: tl.constexpr,
    PRECISION: tl.constexpr, CAUSAL: tl.constexpr, MASKED: tl.constexpr,
):  # fmt: skip
    """One tile of rows of one head."""
    head = tl.program_id(1).to(tl.int64)
    top = tl.program_id(0) * BLOCK
    rows = top + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    first = head * length
    q = rows_of(query, first, rows, length, width, across).to(COMPUTE)
    largest = tl.full([BLOCK], float("-inf"), dtype=tl.float32)
    total = tl.zeros([BLOCK], dtype=tl.float32)
    summed = tl.zeros([BLOCK, COLUMNS], dtype=tl.float32)
    # A loop that ends with the mask does half the work of one with a mask of its own.
    end = top + BLOCK if CAUSAL else length
    for left in range(0, end, BLOCK):
        others = left + tl.arange(0, BLOCK)
        k = rows_of(key, first, others, length, width, across).to(COMPUTE)
        v = rows_of(value, first, others, length, columns, along).to(COMPUTE)
        seen = pairs_seen(
            mask, head, rows[:, None], others[None, :], length,
            heads, of_batch, of_head, of_row, of_column, CAUSAL, MASKED,
        )  # fmt: skip
        scores = scale * tl.dot(q, tl.trans(k), input_precision=PRECISION)
        scores = tl.where(seen, scores, float("-inf"))
        new = tl.maximum(largest, tl.max(scores, axis=1))
        # A row that has seen no key yet: −∞ − (−∞) is no number, and −∞ − 0 gives the weight 0.
        safe = tl.where(new == float("-inf"), 0.0, new)
        factor = tl.exp(largest - safe)
        weights = tl.exp(scores - safe[:, None])
        total = total * factor + tl.sum(weights, axis=1)
        summed = summed * factor[:, None] + tl.dot(
            weights.to(COMPUTE), v, input_precision=PRECISION
        )
        largest = new
    # The largest weight of a row is e⁰ = 1: a total of 0 is that of a row without keys.
    empty = total == 0.0
    largest = tl.where(empty, 0.0, largest)
    total = tl.where(empty, 1.0, total)
    tl.store(
        output + (first + rows)[:, None] * columns + along[None, :],
        (summed / total[:, None]).to(output.dtype.element_ty),
        mask=(rows < length)[:, None] & (along < columns)[None, :],
    )
    tl.store(largest_of + first + rows, largest, mask=rows < length)
    tl.store(total_of + first + rows, total, mask=rows < length)


def layout_of(mask: torch.Tensor | None, heads: int) -> tuple[int, ...]:
    """What kernels are told of a mask: heads, and its strides. A mask that is broadcast has strides
    of 0 and is read where it lies."""
    return (heads, *((0, 0, 0, 0) if mask is None else mask.stride()))


def tiled_state(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None = None,
    *,
    scale: float,
    block: int,
    causal: bool,
    warps: int = 4,
) -> State:
    """``y_i = Σ_j softmax_j(scale · q_iᵀk_j) v_j`` over the keys that row i sees, and what its
    gradient needs: the largest logit ``m_i`` and ``l_i = Σ_j e^{s_ij − m_i}``.

    With bfloat16 inputs on a GPU the weights are rounded once to bfloat16 before they meet the
    values; the interpreter computes them in float32.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e]; one dtype.
        mask: [B, H, N, N] of uint8 behind any strides, not 0 where row i sees key j; or nothing.
        scale: of the logits, usually ``1/√d``.
        block: rows and columns of a tile, a power of two of at least 16; 0 for what suits the
            dtype.
        causal: whether only the tokens up to i are seen.
        warps: that share a tile.

    Returns:
        y [B, H, N, e], m and l [B, H, N], in float32. A row that sees no key has y = m = 0, l = 1.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.
    """
    examine_recurrence(query, key, value, {}, accepted=NARROW)
    block = block or BLOCK[query.dtype]
    examine_block(block, power_of_two=True)
    query, key, value = (x.contiguous() for x in (query, key, value))
    batch, heads, length, width = query.shape
    columns = value.shape[-1]
    # Not empty: an element that no program writes must not look right.
    new = lambda *shape: torch.full(shape, float("nan"), dtype=torch.float32, device=value.device)
    output = new(*value.shape)
    largest, total = (new(batch, heads, length) for _ in range(2))
    tile_kernel[(triton.cdiv(length, block), batch * heads)](
        query, key, value, output, largest, total, mask, length, width, columns, scale,
        *layout_of(mask, heads),
        BLOCK=block, WIDTH=max(16, triton.next_power_of_2(width)),
        COLUMNS=max(16, triton.next_power_of_2(columns)),
        COMPUTE=compute_dtype(query.dtype), PRECISION=PRECISION,
        CAUSAL=causal, MASKED=mask is not None, num_warps=warps,
    )  # fmt: skip
    return output, largest, total
