"""Linear forms of attention in Triton: a program per head adds up, then one per tile of rows.

Normalised linear attention, InLine attention and MALA differ in what they do with the same three
sums, so that their kernels are one with a switch that is settled when it is compiled.
"""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.triton_runtime import compute_dtype, tl, triton

# Products in float32 take more registers: larger tiles, or fewer warps, spill.
BLOCK = {torch.bfloat16: 64, torch.float16: 16, torch.float32: 16}
WARPS = {torch.bfloat16: 4, torch.float16: 8, torch.float32: 8}
ROWS, ROW_WARPS = 32, 8
PRECISION = "ieee"
NORMALISED, CENTRED, MAGNITUDE_AWARE = 0, 1, 2


@triton.jit
def moments_kernel(
    key, value, state, keys, values, length, width, columns,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr,
    COMPUTE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """``KᵀV``, ``Kᵀ1`` and ``Vᵀ1`` of one head."""
    head = tl.program_id(0).to(tl.int64)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    summed = tl.zeros([WIDTH, COLUMNS], dtype=tl.float32)
    of_keys = tl.zeros([WIDTH], dtype=tl.float32)
    of_values = tl.zeros([COLUMNS], dtype=tl.float32)
    for start in range(0, length, BLOCK):
        rows = start + tl.arange(0, BLOCK)
        base = head * length + rows
        inside = (rows < length)[:, None]
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
        summed += tl.dot(tl.trans(k), v, input_precision=PRECISION)
        of_keys += tl.sum(k.to(tl.float32), axis=0)
        of_values += tl.sum(v.to(tl.float32), axis=0)
    tl.store(
        state + (head * WIDTH + across)[:, None] * COLUMNS + along[None, :],
        summed,
    )
    tl.store(keys + head * WIDTH + across, of_keys)
    tl.store(values + head * COLUMNS + along, of_values)


@triton.jit
def rows_kernel(
    query, state, keys, values, output, length, width, columns, epsilon,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr,
    KIND: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """One tile of rows of one head, from the sums over all keys. In float32 throughout: the sums
    are held in it."""
    head = tl.program_id(1).to(tl.int64)
    rows = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    q = tl.load(
        query + (head * length + rows)[:, None] * width + across[None, :],
        mask=(rows < length)[:, None] & (across < width)[None, :],
        other=0.0,
    ).to(tl.float32)
    held = tl.load(state + (head * WIDTH + across)[:, None] * COLUMNS + along[None, :])
    total = tl.sum(q * tl.load(keys + head * WIDTH + across)[None, :], axis=1)
    recalled = tl.dot(q, held, input_precision=PRECISION)
    if KIND == 0:
        # Rows beyond the end have a total of 0; they are not stored.
        result = recalled / tl.where(rows < length, total, 1.0)[:, None]
    else:
        mean = tl.load(values + head * COLUMNS + along)[None, :] / length
        if KIND == 1:
            result = recalled + (1.0 - total)[:, None] * mean
        else:
            safe = tl.where(rows < length, total, 1.0)
            result = (1.0 + 1.0 / (safe + epsilon))[:, None] * recalled - total[:, None] * mean
    tl.store(
        output + (head * length + rows)[:, None] * columns + along[None, :],
        result,
        mask=(rows < length)[:, None] & (along < columns)[None, :],
    )


def linear_form(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    kind: int,
    epsilon: float = 0.0,
    block: int = 0,
) -> torch.Tensor:
    """The operator of that kind, forward only.

    Args:
        query, key: features, [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e].
        kind: `NORMALISED`, `CENTRED` or `MAGNITUDE_AWARE`.
        block: tokens that are added up at a time, a power of two of at least 16; 0 for what suits
            the dtype.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.
    """
    examine_recurrence(query, key, value, {}, accepted=NARROW)
    block = block or BLOCK[query.dtype]
    examine_block(block, power_of_two=True)
    query, key, value = (x.contiguous() for x in (query, key, value))
    batch, heads, length, width = query.shape
    columns = value.shape[-1]
    wide = max(16, triton.next_power_of_2(width))
    broad = max(16, triton.next_power_of_2(columns))
    new = lambda *shape: torch.empty(shape, dtype=torch.float32, device=value.device)
    state, keys = new(batch * heads, wide, broad), new(batch * heads, wide)
    values = new(batch * heads, broad)
    moments_kernel[(batch * heads,)](
        key, value, state, keys, values, length, width, columns,
        BLOCK=block, WIDTH=wide, COLUMNS=broad,
        COMPUTE=compute_dtype(key.dtype), PRECISION=PRECISION, num_warps=WARPS[key.dtype],
    )  # fmt: skip
    output = torch.full(value.shape, float("nan"), dtype=torch.float32, device=value.device)
    rows_kernel[(triton.cdiv(length, ROWS), batch * heads)](
        query, state, keys, values, output, length, width, columns, epsilon,
        BLOCK=ROWS, WIDTH=wide, COLUMNS=broad, KIND=kind, PRECISION=PRECISION,
        num_warps=ROW_WARPS,
    )  # fmt: skip
    return output.to(value.dtype)


def linear_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *, block: int = 0
) -> torch.Tensor:
    """``y_i = q_iᵀ(KᵀV) / q_iᵀ(Kᵀ1)``; see `linear_form`.

    Source: arXiv:2006.16236, Eq. (5); `theory.operator.linear_attention`.
    """
    return linear_form(query, key, value, kind=NORMALISED, block=block)
