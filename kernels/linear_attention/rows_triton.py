"""Products of all tokens with one matrix per head, in Triton: a program per tile of tokens."""

from __future__ import annotations

import torch

from attnproof.kernels.triton_runtime import tl, triton

# Products in float32 take many registers: larger tiles, or fewer warps, spill.
BLOCK, WARPS = 32, 8
PRECISION = "ieee"


@triton.jit
def rows_kernel(
    tokens, matrix, vector, weights, added, output, totals, length, width, columns,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """One tile of rows of one head. In float32 throughout: the matrix is a sum held in it."""
    head = tl.program_id(1).to(tl.int64)
    place = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = place < length
    row = head * length + place
    across, along = tl.arange(0, WIDTH), tl.arange(0, COLUMNS)
    wide, broad = across < width, along < columns
    x = tl.load(
        tokens + row[:, None] * width + across[None, :],
        mask=inside[:, None] & wide[None, :],
        other=0.0,
    ).to(tl.float32)
    held = tl.load(
        matrix + (head * width + across)[:, None] * columns + along[None, :],
        mask=wide[:, None] & broad[None, :],
        other=0.0,
    )
    result = tl.dot(x, held, input_precision=PRECISION)
    if added is not None:
        term = tl.load(added + head * columns + along, mask=broad, other=0.0)[None, :]
        if weights is not None:
            term = tl.load(weights + row, mask=inside, other=0.0)[:, None] * term
        result += term
    tl.store(
        output + row[:, None] * columns + along[None, :],
        result,
        mask=inside[:, None] & broad[None, :],
    )
    if vector is not None:
        z = tl.load(vector + head * width + across, mask=wide, other=0.0)
        tl.store(totals + row, tl.sum(x * z[None, :], axis=1), mask=inside)


def rows(
    tokens: torch.Tensor,
    matrix: torch.Tensor,
    *,
    vector: torch.Tensor | None = None,
    added: torch.Tensor | None = None,
    weights: torch.Tensor | None = None,
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """``X S + w bᵀ`` and ``X z``; without a gradient of its own.

    Args:
        tokens: X, [B, H, N, d] in float32, float16 or bfloat16.
        matrix: S, [B, H, d, e] in float32, as are those below.
        vector: z, [B, H, d]; added: b, [B, H, e]; weights: w, [B, H, N], ones unless given.

    Returns:
        [B, H, N, e] in float32, and [B, H, N] in float32 or, without ``vector``, None.
    """
    batch, heads, length, width = tokens.shape
    columns = matrix.shape[-1]
    given = [
        None if x is None else x.contiguous() for x in (tokens, matrix, vector, weights, added)
    ]
    # Not empty: an element that no program writes must not look right.
    new = lambda *shape: torch.full(
        (batch, heads, *shape), float("nan"), dtype=torch.float32, device=tokens.device
    )
    output, totals = new(length, columns), None if vector is None else new(length)
    rows_kernel[(triton.cdiv(length, BLOCK), batch * heads)](
        *given, output, totals, length, width, columns,
        BLOCK=BLOCK, WIDTH=max(16, triton.next_power_of_2(width)),
        COLUMNS=max(16, triton.next_power_of_2(columns)), PRECISION=PRECISION, num_warps=WARPS,
    )  # fmt: skip
    return output, totals
