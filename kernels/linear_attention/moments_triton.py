"""The sums over all keys in Triton, with their gradient: a program adds up a share of the tokens.

With the cotangents A of ``KᵀV``, a of ``Kᵀ1`` and b of ``Vᵀ1``:

    dK = V Aᵀ + 1 aᵀ        dV = K A + 1 bᵀ

which are products of all tokens with one matrix, `rows_triton`.
"""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from attnproof.kernels.triton_runtime import compute_dtype, tl, triton

from .rows_triton import rows

# Products in float32 take more registers: larger tiles, or fewer warps, spill.
BLOCK = {torch.bfloat16: 64, torch.float16: 16, torch.float32: 16}
WARPS = {torch.bfloat16: 4, torch.float16: 8, torch.float32: 8}
# Tokens that one program adds up. One program for all would leave most of a GPU idle.
SHARE = 2048
PRECISION = "ieee"


@triton.jit
def moments_kernel(
    key, value, weights, state, keys, values, length, width, columns, share,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr,
    COMPUTE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """``KᵀV``, ``Kᵀw`` and ``Vᵀ1`` of one head over one share of its tokens."""
    head = tl.program_id(0).to(tl.int64)
    first = tl.program_id(1) * share
    across, along = tl.arange(0, WIDTH), tl.arange(0, COLUMNS)
    wide, broad = across < width, along < columns
    summed = tl.zeros([WIDTH, COLUMNS], dtype=tl.float32)
    of_keys = tl.zeros([WIDTH], dtype=tl.float32)
    of_values = tl.zeros([COLUMNS], dtype=tl.float32)
    for start in range(0, share, BLOCK):
        place = first + start + tl.arange(0, BLOCK)
        inside = place < length
        row = head * length + place
        k = tl.load(
            key + row[:, None] * width + across[None, :],
            mask=inside[:, None] & wide[None, :],
            other=0.0,
        ).to(COMPUTE)
        v = tl.load(
            value + row[:, None] * columns + along[None, :],
            mask=inside[:, None] & broad[None, :],
            other=0.0,
        ).to(COMPUTE)
        summed += tl.dot(tl.trans(k), v, input_precision=PRECISION)
        counted = k.to(tl.float32)
        if weights is not None:
            counted *= tl.load(weights + row, mask=inside, other=0.0)[:, None]
        of_keys += tl.sum(counted, axis=0)
        of_values += tl.sum(v.to(tl.float32), axis=0)
    at = tl.program_id(1) * tl.num_programs(0) + head
    tl.store(
        state + (at * width + across)[:, None] * columns + along[None, :],
        summed,
        mask=wide[:, None] & broad[None, :],
    )
    tl.store(keys + at * width + across, of_keys, mask=wide)
    tl.store(values + at * columns + along, of_values, mask=broad)


def sums_over_tokens(
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    weights: torch.Tensor | None = None,
    block: int = 0,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """``KᵀV``, ``Kᵀw`` and ``Vᵀ1``; without a gradient of its own.

    Args:
        key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e], likewise.
        weights: w, [B, H, N] in float32; ones unless given.
        block: tokens that are added up at a time, a power of two of at least 16; 0 for what suits
            the dtypes.

    Returns:
        [B, H, d, e], [B, H, d] and [B, H, e] in float32.
    """
    batch, heads, length, width = key.shape
    columns = value.shape[-1]
    # What came out of an earlier step in float32 is not rounded to meet narrow tokens.
    dtype = key.dtype if key.dtype == value.dtype else torch.float32
    block = block or BLOCK[dtype]
    share = max(block, SHARE)
    shares = triton.cdiv(length, share)
    key, value = key.contiguous(), value.contiguous()
    # Not empty: an element that no program writes must not look right.
    new = lambda *shape: torch.full(
        (shares, batch, heads, *shape), float("nan"), dtype=torch.float32, device=key.device
    )
    found = new(width, columns), new(width), new(columns)
    moments_kernel[(batch * heads, shares)](
        key, value, None if weights is None else weights.contiguous(), *found,
        length, width, columns, min(share, block * triton.cdiv(length, block)),
        BLOCK=block, WIDTH=max(16, triton.next_power_of_2(width)),
        COLUMNS=max(16, triton.next_power_of_2(columns)),
        COMPUTE=compute_dtype(dtype), PRECISION=PRECISION, num_warps=WARPS[dtype],
    )  # fmt: skip
    return tuple(one[0] if shares == 1 else one.sum(0) for one in found)


class _Moments(torch.autograd.Function):
    @staticmethod
    def forward(ctx, key, value, block):
        ctx.save_for_backward(key, value)
        return sums_over_tokens(key, value, block=block)

    @staticmethod
    @once_differentiable
    def backward(ctx, of_state, of_keys, of_values):
        key, value = ctx.saved_tensors
        of_key = of_value = None
        if ctx.needs_input_grad[0]:
            of_key = rows(value, of_state.transpose(-1, -2), added=of_keys)[0].to(key.dtype)
        if ctx.needs_input_grad[1]:
            of_value = rows(key, of_state, added=of_values)[0].to(value.dtype)
        return of_key, of_value, None


def moments(
    key: torch.Tensor, value: torch.Tensor, *, block: int = 0
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """``KᵀV``, ``Kᵀ1`` and ``Vᵀ1``, with a gradient; see `sums_over_tokens`."""
    return _Moments.apply(key, value, block)
