"""Gated linear attention with a gate per key channel in Triton, with a gradient, chunk by chunk.

With ``S_t = diag(a_t) S_{t−1} + k_t v_tᵀ``, ``o_t = S_tᵀ q_t``, the cotangent g of o, and the same
recurrence backwards, ``R_t = diag(a_{t+1}) R_{t+1} + q_t g_tᵀ``:

    dq_t = S_t g_t      dk_t = R_t v_t      dv_t = R_tᵀ k_t      da_t = (R_t ∘ S_{t−1}) 1

Two passes keep S before each chunk and ``E = diag(a) R`` that comes from after it; then all chunks
are on their own. With a chunk from s to T and ``Γ_ti = a_{t+1} ∘ ⋯ ∘ a_i``, put for its tokens i

    N_t[i] = q_i (v_tᵀg_i)              and E v_t more in the last row
    P_t[i] = q_i ∘ S_t g_i              and (E ∘ S_t) 1 more in the last row

so that ``P_t = a_t ∘ P_{t−1} + k_t ∘ N_t`` and, as ``R_t = Γ_tT ∘ E + Σ_{i≥t} (Γ_ti ∘ q_i) g_iᵀ``,

    da_t = Σ_{i≥t} Γ_ti ∘ P_{t−1}[i]
    dk_t = Σ_{i≥t} Γ_ti ∘ N_t[i]
    dq_i = (a_s ∘ ⋯ ∘ a_i) ∘ S g_i + Σ_{t≤i} Γ_ti ∘ k_t (v_tᵀg_i)
    dv_t = Eᵀ(Γ_tT ∘ k_t) + Σ_{i≥t} (q_i · (Γ_ti ∘ k_t)) g_i

Nothing is divided by a gate: a gate of zero has the gradient it should have, and a small one does
not magnify rounding errors, as suffix sums of ``q ∘ dq − k ∘ dk`` divided by it would.
"""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from attnproof.kernels.triton_runtime import tl, triton

from .chunk_states_triton import chunk_states
from .triton_kernel import channel_gated_linear_attention as forward_pass

# Tokens per chunk: N/BLOCK states of d × e numbers are kept during the backward pass.
BLOCK, WARPS = 16, 4
# Value channels that are added up at a time.
SLICE = 16
PRECISION = "ieee"


@triton.jit
def gradient_kernel(
    query, key, value, decay, given, before, after,
    of_query, of_key, of_value, of_decay, length, width, columns,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, SLICE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """One chunk of one head, token by token, between sums over slices of the value channels; in
    float32."""
    head = tl.program_id(1).to(tl.int64)
    spot = tl.arange(0, BLOCK)
    first = tl.program_id(0) * BLOCK
    place = first + spot
    inside = (place < length)[:, None]
    row = head * length + place
    across = tl.arange(0, WIDTH)
    wide = across < width
    at = row[:, None] * width + across[None, :]
    near = inside & wide[None, :]
    states = (head * tl.num_programs(0) + tl.program_id(0)) * width
    # S g_i, E v_i and g_i · v_j for all tokens of the chunk, and (E ∘ S) 1.
    recalled = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    returned = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    matched = tl.zeros([BLOCK, BLOCK], dtype=tl.float32)
    crossing = tl.zeros([WIDTH], dtype=tl.float32)
    for start in range(0, columns, SLICE):
        along = start + tl.arange(0, SLICE)
        narrow = (along < columns)[None, :]
        there = row[:, None] * columns + along[None, :]
        cells = (states + across)[:, None] * columns + along[None, :]
        held = wide[:, None] & narrow
        v = tl.load(value + there, mask=inside & narrow, other=0.0)
        g = tl.load(given + there, mask=inside & narrow, other=0.0)
        ahead = tl.load(before + cells, mask=held, other=0.0)
        behind = tl.load(after + cells, mask=held, other=0.0)
        recalled += tl.dot(g, tl.trans(ahead), input_precision=PRECISION)
        returned += tl.dot(v, tl.trans(behind), input_precision=PRECISION)
        matched += tl.dot(g, tl.trans(v), input_precision=PRECISION)
        crossing += tl.sum(ahead * behind, axis=1)
    q = tl.load(query + at, mask=near, other=0.0)
    gate = tl.load(decay + at, mask=near, other=1.0)
    last = (spot == BLOCK - 1)[:, None]
    held_back = q * recalled + tl.where(last, crossing[None, :], 0.0)
    of_q = tl.cumprod(gate, axis=0) * recalled
    mixing = tl.zeros([BLOCK, BLOCK], dtype=tl.float32)
    for t in range(0, tl.minimum(BLOCK, length - first)):
        here = (head * length + first + t) * width + across
        k = tl.load(key + here, mask=wide, other=0.0)[None, :]
        a = tl.load(decay + here, mask=wide, other=1.0)[None, :]
        # Rows beyond the end have gates of one, so that the last row is always Γ_tT.
        kept = tl.cumprod(tl.where((spot > t)[:, None], gate, 1.0), axis=0)
        kept = tl.where((spot >= t)[:, None], kept, 0.0)
        match = tl.sum(tl.where((spot == t)[None, :], matched, 0.0), axis=1)[:, None]
        back = tl.sum(tl.where((spot == t)[:, None], returned, 0.0), axis=0)[None, :]
        pairs = q * match + tl.where(last, back, 0.0)
        tl.store(of_decay + here, tl.sum(kept * held_back, axis=0), mask=wide)
        tl.store(of_key + here, tl.sum(kept * pairs, axis=0), mask=wide)
        held_back = a * held_back + k * pairs
        kept *= k
        of_q += kept * match
        weight = tl.sum(kept * q, axis=1)[:, None]
        mixing = tl.where((spot == t)[None, :], weight, mixing)
    tl.store(of_query + at, of_q, mask=near)
    follows = (spot + 1 < BLOCK) & (place + 1 < length)
    then = tl.load(decay + at + width, mask=follows[:, None] & wide[None, :], other=1.0)
    leaving = tl.load(key + at, mask=near, other=0.0)
    leaving *= tl.cumprod(then, axis=0, reverse=True)
    for start in range(0, columns, SLICE):
        along = start + tl.arange(0, SLICE)
        narrow = (along < columns)[None, :]
        there = row[:, None] * columns + along[None, :]
        cells = (states + across)[:, None] * columns + along[None, :]
        g = tl.load(given + there, mask=inside & narrow, other=0.0)
        behind = tl.load(after + cells, mask=wide[:, None] & narrow, other=0.0)
        found = tl.dot(leaving, behind, input_precision=PRECISION)
        found += tl.dot(tl.trans(mixing), g, input_precision=PRECISION)
        tl.store(of_value + there, found, mask=inside & narrow)


def gradients(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    decay: torch.Tensor,
    given: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """dq, dk, dv and da for the cotangent ``given`` of o, all in float32."""
    query, key, value, decay, given = (x.contiguous() for x in (query, key, value, decay, given))
    batch, heads, length, width = query.shape
    before = chunk_states(key, value, decay, block=BLOCK)
    after = chunk_states(query, given, decay, block=BLOCK, backwards=True)
    # Not empty: an element that no program writes must not look right.
    found = [
        torch.full(x.shape, float("nan"), dtype=torch.float32, device=x.device)
        for x in (query, key, value, decay)
    ]
    gradient_kernel[(triton.cdiv(length, BLOCK), batch * heads)](
        query, key, value, decay, given, before, after, *found, length, width, value.shape[-1],
        BLOCK=BLOCK, WIDTH=max(16, triton.next_power_of_2(width)), SLICE=SLICE,
        PRECISION=PRECISION, num_warps=WARPS,
    )  # fmt: skip
    return tuple(found)


class _ChannelGatedLinearAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, query, key, value, decay):
        ctx.save_for_backward(query, key, value, decay)
        return forward_pass(query, key, value, decay)

    @staticmethod
    @once_differentiable
    def backward(ctx, given):
        # Converted here, not on load: the tiles of float32 are laid out without spilling.
        found = gradients(*(x.float() for x in (*ctx.saved_tensors, given)))
        wanted = zip(found, ctx.saved_tensors, ctx.needs_input_grad)
        return tuple(one.to(x.dtype) if needed else None for one, x, needed in wanted)


def channel_gated_linear_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    decay: torch.Tensor,
) -> torch.Tensor:
    """``S_t = S_{t−1} diag(a_t) + v_t k_tᵀ``, ``o_t = S_t q_t``, with a gradient.

    The backward pass keeps 2⌈N/16⌉ states of d × e numbers per head.

    Args:
        query, key, decay: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e]; one
            dtype; gates may be zero, also where their gradient is wanted.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence`.

    Source: arXiv:2312.06635, Eq. (3); `theory.operator.gated_linear_attention`.
    """
    return _ChannelGatedLinearAttention.apply(query, key, value, decay)
