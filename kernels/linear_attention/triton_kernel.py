"""Linear forms of attention in Triton, from the sums over all keys: a program per tile of rows.

Normalised linear attention, InLine attention and MALA differ in what they do with the same three
sums, so that their kernels are one with a switch that is settled when it is compiled.
"""

from __future__ import annotations

import torch

from attnproof.kernels.triton_runtime import tl, triton

from .rows_triton import BLOCK, PRECISION, WARPS

NORMALISED, CENTRED, MAGNITUDE_AWARE = 0, 1, 2


@triton.jit
def form_kernel(
    query, state, keys, mean, output, length, width, columns, epsilon,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr,
    KIND: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """One tile of rows of one head, from the sums over all keys. In float32 throughout: the sums
    are held in it."""
    head = tl.program_id(1).to(tl.int64)
    place = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = place < length
    row = head * length + place
    across, along = tl.arange(0, WIDTH), tl.arange(0, COLUMNS)
    wide, broad = across < width, along < columns
    q = tl.load(
        query + row[:, None] * width + across[None, :],
        mask=inside[:, None] & wide[None, :],
        other=0.0,
    ).to(tl.float32)
    held = tl.load(
        state + (head * width + across)[:, None] * columns + along[None, :],
        mask=wide[:, None] & broad[None, :],
        other=0.0,
    )
    z = tl.load(keys + head * width + across, mask=wide, other=0.0)
    total = tl.sum(q * z[None, :], axis=1)
    recalled = tl.dot(q, held, input_precision=PRECISION)
    # Rows beyond the end have a total of 0; they are not stored.
    safe = tl.where(inside, total, 1.0)
    if KIND == 0:
        result = recalled / safe[:, None]
    else:
        middle = tl.load(mean + head * columns + along, mask=broad, other=0.0)[None, :]
        if KIND == 1:
            result = recalled + (1.0 - total)[:, None] * middle
        else:
            result = (1.0 + 1.0 / (safe + epsilon))[:, None] * recalled - total[:, None] * middle
    tl.store(
        output + row[:, None] * columns + along[None, :],
        result,
        mask=inside[:, None] & broad[None, :],
    )


def form_from_sums(
    query: torch.Tensor,
    state: torch.Tensor,
    keys: torch.Tensor,
    mean: torch.Tensor,
    *,
    kind: int,
    epsilon: float,
) -> torch.Tensor:
    """The operator of that kind, from ``r_i = q_iᵀ(KᵀV)`` and ``t_i = q_iᵀ(Kᵀ1)``; forward only.

    Args:
        query: [B, H, N, d] in float32, float16 or bfloat16.
        state: KᵀV, [B, H, d, e] in float32, as are keys: Kᵀ1, [B, H, d] and mean: Vᵀ1/N, [B, H, e].
        kind: `NORMALISED`, ``r/t``; `CENTRED`, ``r + (1 − t) mean``; or `MAGNITUDE_AWARE`,
            ``(1 + 1/(t + ε)) r − t mean``.
        epsilon: ε of the last.

    Returns:
        [B, H, N, e] in float32.
    """
    batch, heads, length, width = query.shape
    columns = state.shape[-1]
    given = [x.contiguous() for x in (query, state, keys, mean)]
    # Not empty: an element that no program writes must not look right.
    output = torch.full(
        (batch, heads, length, columns), float("nan"), dtype=torch.float32, device=query.device
    )
    form_kernel[(triton.cdiv(length, BLOCK), batch * heads)](
        *given, output, length, width, columns, epsilon,
        BLOCK=BLOCK, WIDTH=max(16, triton.next_power_of_2(width)),
        COLUMNS=max(16, triton.next_power_of_2(columns)),
        KIND=kind, PRECISION=PRECISION, num_warps=WARPS,
    )  # fmt: skip
    return output
