"""The gradient of gated linear attention in its gates, in Triton: a program per chunk.

With ``S_t = α_t S_{t−1} + k_t v_tᵀ`` and backwards, from the cotangent g of o, ``R_t = α_{t+1}
R_{t+1} + q_t g_tᵀ``,

    dα_t = ⟨R_t, S_{t−1}⟩

Inside a chunk from s to T with the state S before it and ``E = α_{T+1} R_{T+1}`` from after it,
with ``Γ_ij = α_{j+1} ⋯ α_i`` for j ≤ i, else 0,

    R_t = Γ_Tt E + Σ_{i≥t} Γ_it q_i g_iᵀ
    S_{t−1} = (α_s ⋯ α_{t−1}) S + Σ_{j<t} Γ_{t−1,j} k_j v_jᵀ

so that dα_t is a bilinear form of a column of Γ and the row of Γ before it, in the matrix ``M_ij =
(q_iᵀk_j)(g_iᵀv_j)``, bordered by ``x_i = q_iᵀS g_i``, ``y_j = k_jᵀE v_j`` and ``z = ⟨S, E⟩``:

    dα_t = Σ_{j<t} ((ΓᵀM)_tj + Γ_Tt y_j) Γ_{t−1,j} + ((Γᵀx)_t + Γ_Tt z) (α_s ⋯ α_{t−1})

Nothing is divided by a gate, and no product contains α_t: a gate of zero has its gradient too.
"""

from __future__ import annotations

import torch

from attnproof.kernels.channel_gated_linear_attention.chunk_states_triton import chunk_states
from attnproof.kernels.triton_runtime import tl, triton

# Tokens per chunk: N/BLOCK states of d × e numbers are kept, twice.
BLOCK, WARPS = 32, 8
# Value channels that are added up at a time.
SLICE = 16
PRECISION = "ieee"


@triton.jit
def gate_gradient_kernel(
    query, key, value, decay, given, before, after, of_decay, length, width, columns,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, SLICE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """One chunk of one head; in float32."""
    head = tl.program_id(1).to(tl.int64)
    spot = tl.arange(0, BLOCK)
    place = tl.program_id(0) * BLOCK + spot
    inside = place < length
    row = head * length + place
    across = tl.arange(0, WIDTH)
    wide = (across < width)[None, :]
    states = (head * tl.num_programs(0) + tl.program_id(0)) * width
    # S g_i, E v_j, g_i · v_j and ⟨S, E⟩.
    recalled = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    returned = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    matched = tl.zeros([BLOCK, BLOCK], dtype=tl.float32)
    crossing = tl.zeros([WIDTH], dtype=tl.float32)
    for start in range(0, columns, SLICE):
        along = start + tl.arange(0, SLICE)
        narrow = (along < columns)[None, :]
        there = row[:, None] * columns + along[None, :]
        v = tl.load(value + there, mask=inside[:, None] & narrow, other=0.0)
        g = tl.load(given + there, mask=inside[:, None] & narrow, other=0.0)
        cells = (states + across)[:, None] * columns + along[None, :]
        held = (across < width)[:, None] & narrow
        ahead = tl.load(before + cells, mask=held, other=0.0)
        behind = tl.load(after + cells, mask=held, other=0.0)
        recalled += tl.dot(g, tl.trans(ahead), input_precision=PRECISION)
        returned += tl.dot(v, tl.trans(behind), input_precision=PRECISION)
        matched += tl.dot(g, tl.trans(v), input_precision=PRECISION)
        crossing += tl.sum(ahead * behind, axis=1)
    at = row[:, None] * width + across[None, :]
    q = tl.load(query + at, mask=inside[:, None] & wide, other=0.0)
    k = tl.load(key + at, mask=inside[:, None] & wide, other=0.0)
    matched *= tl.dot(q, tl.trans(k), input_precision=PRECISION)
    entering = tl.sum(q * recalled, axis=1)
    leaving = tl.sum(k * returned, axis=1)
    gate = tl.load(decay + row, mask=inside, other=1.0)
    earlier = inside & (spot > 0)
    previous = tl.load(decay + row - 1, mask=earlier, other=1.0)
    # Γ_it by row i and column t, and Γ_{t−1,j} by row t and column j: products down a column.
    low = spot[:, None] >= spot[None, :]
    lower = spot[:, None] > spot[None, :]
    inner = tl.where(low, tl.cumprod(tl.where(lower, gate[:, None], 1.0), axis=0), 0.0)
    strict = spot[:, None] > spot[None, :] + 1
    below = tl.where(lower, tl.cumprod(tl.where(strict, previous[:, None], 1.0), axis=0), 0.0)
    to_start = tl.cumprod(previous, axis=0)
    # Rows beyond the end have gates of one, so that the last row is that of T.
    to_end = tl.sum(tl.where(spot[:, None] == BLOCK - 1, inner, 0.0), axis=0)
    weights = tl.dot(tl.trans(inner), matched, input_precision=PRECISION)
    weights += to_end[:, None] * leaving[None, :]
    found = tl.sum(weights * below, axis=1)
    through = tl.sum(inner * entering[:, None], axis=0) + to_end * tl.sum(crossing, axis=0)
    tl.store(of_decay + row, found + through * to_start, mask=inside)


def gate_gradient(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    decay: torch.Tensor,
    given: torch.Tensor,
) -> torch.Tensor:
    """dα for the cotangent ``given`` of o.

    Args:
        query, key: [B, H, N, d]; value, given: [B, H, N, e]; decay: [B, H, N], may be zero; all in
            float32.

    Returns:
        [B, H, N] in float32.
    """
    query, key, value, decay, given = (x.contiguous() for x in (query, key, value, decay, given))
    batch, heads, length, width = query.shape
    before = chunk_states(key, value, decay, block=BLOCK)
    after = chunk_states(query, given, decay, block=BLOCK, backwards=True)
    # Not empty: an element that no program writes must not look right.
    found = torch.full(decay.shape, float("nan"), dtype=torch.float32, device=decay.device)
    gate_gradient_kernel[(triton.cdiv(length, BLOCK), batch * heads)](
        query, key, value, decay, given, before, after, found, length, width, value.shape[-1],
        BLOCK=BLOCK, WIDTH=max(16, triton.next_power_of_2(width)), SLICE=SLICE,
        PRECISION=PRECISION, num_warps=WARPS,
    )  # fmt: skip
    return found
