"""Causal softmax attention in Triton: a program per tile of rows, online over tiles of columns."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.triton_runtime import compute_dtype, tl, triton

# Rows and columns of a tile. Products in float32 take more registers.
BLOCK = {torch.bfloat16: 64, torch.float16: 32, torch.float32: 32}
PRECISION = "ieee"


@triton.jit
def tile_kernel(
    query, key, value, output, length, width, columns, scale,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr,
    COMPUTE: tl.constexpr, PRECISION: tl.constexpr, CAUSAL: tl.constexpr,
):  # fmt: skip
    """One tile of rows of one head."""
    head = tl.program_id(1).to(tl.int64)
    top = tl.program_id(0) * BLOCK
    rows = top + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    at = (head * length + rows)[:, None] * width + across[None, :]
    q = tl.load(
        query + at, mask=(rows < length)[:, None] & (across < width)[None, :], other=0.0
    ).to(COMPUTE)
    largest = tl.full([BLOCK], float("-inf"), dtype=tl.float32)
    total = tl.zeros([BLOCK], dtype=tl.float32)
    summed = tl.zeros([BLOCK, COLUMNS], dtype=tl.float32)
    # A loop that ends with the mask does half the work of one with a mask of its own.
    end = top + BLOCK if CAUSAL else length
    for left in range(0, end, BLOCK):
        others = left + tl.arange(0, BLOCK)
        inside = (others < length)[:, None]
        base = head * length + others
        k = tl.load(
            key + base[:, None] * width + across[None, :],
            mask=inside & (across < width)[None, :],
            other=0.0,
        ).to(COMPUTE)
        v = tl.load(
            value + base[:, None] * columns + along[None, :],
            mask=inside & (along < columns)[None, :],
            other=0.0,
        ).to(COMPUTE)
        scores = scale * tl.dot(q, tl.trans(k), input_precision=PRECISION)
        # The first tile holds token 0, which every row sees: no row is empty.
        seen = others[None, :] <= rows[:, None] if CAUSAL else (others < length)[None, :]
        scores = tl.where(seen, scores, float("-inf"))
        new = tl.maximum(largest, tl.max(scores, axis=1))
        factor = tl.exp(largest - new)
        weights = tl.exp(scores - new[:, None])
        total = total * factor + tl.sum(weights, axis=1)
        summed = summed * factor[:, None] + tl.dot(
            weights.to(COMPUTE), v, input_precision=PRECISION
        )
        largest = new
    there = (head * length + rows)[:, None] * columns + along[None, :]
    tl.store(
        output + there,
        (summed / total[:, None]).to(output.dtype.element_ty),
        mask=(rows < length)[:, None] & (along < columns)[None, :],
    )


def tiled_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    block: int,
    causal: bool,
) -> torch.Tensor:
    """``y_i = Σ_j softmax_j(scale · q_iᵀk_j) v_j`` over all tokens, or over those up to i; forward
    only.

    With bfloat16 inputs on a GPU the weights are rounded once to bfloat16 before they meet the
    values; the interpreter computes them in float32.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e]; one dtype.
        scale: of the logits, usually ``1/√d``.
        block: rows and columns of a tile, a power of two of at least 16; 0 for what suits the
            dtype.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.
    """
    examine_recurrence(query, key, value, {}, accepted=NARROW)
    block = block or BLOCK[query.dtype]
    examine_block(block, power_of_two=True)
    query, key, value = (x.contiguous() for x in (query, key, value))
    batch, heads, length, width = query.shape
    columns = value.shape[-1]
    output = torch.full(value.shape, float("nan"), dtype=torch.float32, device=value.device)
    tile_kernel[(triton.cdiv(length, block), batch * heads)](
        query, key, value, output, length, width, columns, scale,
        BLOCK=block, WIDTH=max(16, triton.next_power_of_2(width)),
        COLUMNS=max(16, triton.next_power_of_2(columns)),
        COMPUTE=compute_dtype(query.dtype), PRECISION=PRECISION, CAUSAL=causal,
    )  # fmt: skip
    return output.to(value.dtype)


def causal_softmax_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    block: int = 0,
) -> torch.Tensor:
    """``y_t = Σ_{j≤t} softmax_j(scale · q_tᵀk_j) v_j``; see `tiled_attention`.

    Source: arXiv:2307.08691, Algorithm 1; `theory.operator.causal_softmax_attention`.
    """
    return tiled_attention(query, key, value, scale=scale, block=block, causal=True)
