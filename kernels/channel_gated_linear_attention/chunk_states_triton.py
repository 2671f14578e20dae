"""The states of a gated recurrence between its chunks, in Triton, in both directions of time.

With ``S_t = diag(a_t) S_{t−1} + k_t v_tᵀ``, a chunk from s to T takes the state before it to

    S ← diag(a_s ⋯ a_T) S + Σ_j diag(a_{j+1} ⋯ a_T) k_j v_jᵀ

and with ``R_t = diag(a_{t+1}) R_{t+1} + q_t g_tᵀ``, backwards, the state ``diag(a_{T+1}) R_{T+1}``
that comes from after it to

    E ← diag(a_s ⋯ a_T) E + Σ_i diag(a_s ⋯ a_i) q_i g_iᵀ
"""

from __future__ import annotations

import torch

from attnproof.kernels.triton_runtime import tl, triton

# Value channels of a program, and warps by tokens per chunk: other numbers of warps spill.
SLICE, WARPS = 16, {16: 2, 32: 8}
PRECISION = "ieee"


@triton.jit
def states_kernel(
    key, value, decay, states, length, width, columns, chunks, gate_row, gate_channel,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, SLICE: tl.constexpr, PRECISION: tl.constexpr,
    BACKWARDS: tl.constexpr,
):  # fmt: skip
    """All chunks of one head and one slice of the value channels; in float32."""
    head = tl.program_id(0).to(tl.int64)
    across = tl.arange(0, WIDTH)
    along = tl.program_id(1) * SLICE + tl.arange(0, SLICE)
    wide, narrow = across < width, along < columns
    spot = tl.arange(0, BLOCK)
    state = tl.zeros([WIDTH, SLICE], dtype=tl.float32)
    for step in range(0, chunks):
        chunk = step
        if BACKWARDS:
            chunk = chunks - 1 - step
        tl.store(
            states + ((head * chunks + chunk) * width + across)[:, None] * columns + along[None, :],
            state,
            mask=wide[:, None] & narrow[None, :],
        )
        place = chunk * BLOCK + spot
        inside = place < length
        row = head * length + place
        k = tl.load(
            key + row[:, None] * width + across[None, :],
            mask=inside[:, None] & wide[None, :],
            other=0.0,
        )
        v = tl.load(
            value + row[:, None] * columns + along[None, :],
            mask=inside[:, None] & narrow[None, :],
            other=0.0,
        )
        gates = decay + row[:, None] * gate_row + across[None, :] * gate_channel
        gate = tl.load(gates, mask=inside[:, None] & wide[None, :], other=1.0)
        if BACKWARDS:
            factor = tl.cumprod(gate, axis=0)
            whole = tl.sum(tl.where(spot[:, None] == BLOCK - 1, factor, 0.0), axis=0)
        else:
            # The next token's gate, and none after the last: products without the token's own.
            follows = (spot + 1 < BLOCK) & (place + 1 < length)
            gates += gate_row
            then = tl.load(gates, mask=follows[:, None] & wide[None, :], other=1.0)
            factor = tl.cumprod(then, axis=0, reverse=True)
            whole = tl.sum(tl.where(spot[:, None] == 0, factor * gate, 0.0), axis=0)
        kept = tl.dot(tl.trans(k * factor), v, input_precision=PRECISION)
        state = whole[:, None] * state + kept


def chunk_states(
    key: torch.Tensor,
    value: torch.Tensor,
    decay: torch.Tensor,
    *,
    block: int,
    backwards: bool = False,
) -> torch.Tensor:
    """The state before each chunk, or with ``backwards`` that which comes from after it.

    Args:
        key: [B, H, N, d], k or q; value: [B, H, N, e], v or g; all in float32.
        decay: [B, H, N, d], a gate per channel, or [B, H, N], a gate for all; may be zero.
        block: tokens per chunk, 16 or 32.

    Returns:
        [B, H, ⌈N/block⌉, d, e] in float32.
    """
    key, value, decay = (x.contiguous() for x in (key, value, decay))
    batch, heads, length, width = key.shape
    columns, chunks = value.shape[-1], triton.cdiv(length, block)
    # Not empty: an element that no program writes must not look right.
    states = torch.full(
        (batch, heads, chunks, width, columns), float("nan"), dtype=torch.float32, device=key.device
    )
    gate_row, gate_channel = (width, 1) if decay.ndim == 4 else (1, 0)
    states_kernel[(batch * heads, triton.cdiv(columns, SLICE))](
        key, value, decay, states, length, width, columns, chunks, gate_row, gate_channel,
        BLOCK=block, WIDTH=max(16, triton.next_power_of_2(width)), SLICE=SLICE,
        PRECISION=PRECISION, BACKWARDS=backwards, num_warps=WARPS[block],
    )  # fmt: skip
    return states
