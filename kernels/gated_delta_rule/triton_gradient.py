"""The gated delta rule in Triton with a gradient: states again, adjoints backwards, then chunks.

In a chunk with the state M = Sᵀ before it (d×e), Γ, g and Γ_C as in the forward form,
``W = QKᵀ ⊙ Γ`` and ``L = tril_−(diag(β)KKᵀ ⊙ Γ)``, the prediction errors E and writes U are

    (I + L)U = diag(β)(V − diag(g)KM),   U = diag(β)E,
    O = diag(g)QM + WU,   M' = g_C M + (diag(Γ_C)K)ᵀU.

Let G be the cotangent of O and H' that of M'. Then with P the cotangent of U, which is found from
the last row to the first, and ``Y = diag(β)P``, which is that of V,

    (I + L)ᵀP = WᵀG + diag(Γ_C)KH',      H = g_C H' + (diag(g)Q)ᵀG − (diag(g)K)ᵀY,
    dQ = diag(g)GMᵀ + (GUᵀ ⊙ Γ)K,        dβ = rowsum(P ⊙ E),
    dK = diag(Γ_C)UH'ᵀ − diag(g)YMᵀ + (GUᵀ ⊙ Γ)ᵀQ − (Z + Zᵀ)K,   Z = tril_−(YUᵀ ⊙ Γ).

The cotangent of α_l is ``⟨N_l, M_{l−1}⟩`` with ``M_{l−1} = g_{l−1}M + Σ_{j<l} Γ_{l−1,j} k_j u_jᵀ``
and the cotangent of ``α_l M_{l−1}``, ``N_l = Γ_{C,l}H' + Σ_{t≥l} Γ_{t,l}(q_t g_tᵀ − k_t y_tᵀ)``.
Multiplied out, it is sums over tiles of the chunk. Nothing is divided: a gate may be zero.
"""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from attnproof.kernels.gated_linear_attention.triton_kernel import chunk_decays
from attnproof.kernels.triton_runtime import tl, triton

from .triton_kernel import BLOCK, PRECISION, chunk_kernel
from .triton_kernel import gated_delta_rule as forward_pass

# Value channels per program, and per step of the last kernel, whose programs divide the keys'
# channels among them: everything is in float32 here, and products take many registers.
SLICE = 16
PART = 32
ADJOINT_WARPS = 8


@triton.jit
def decays_one_token_earlier(decay, rows, place, inside, BLOCK: tl.constexpr):
    """``Γ_{l−1,j}`` for j < l, 0 elsewhere, and ``g_{l−1}``: as in `chunk_decays`."""
    gate = tl.load(decay + rows, mask=inside, other=1.0).to(tl.float32)
    earlier = tl.load(decay + rows - 1, mask=inside & (place > 0), other=1.0).to(tl.float32)
    reset, reset_earlier = gate == 0.0, earlier == 0.0
    logs = tl.where(reset, 0.0, tl.log(tl.where(reset, 1.0, gate)))
    logs_earlier = tl.where(reset_earlier, 0.0, tl.log(tl.where(reset_earlier, 1.0, earlier)))
    summed, summed_earlier = tl.cumsum(logs, axis=0), tl.cumsum(logs_earlier, axis=0)
    resets = tl.cumsum(reset.to(tl.int32), axis=0)
    resets_earlier = tl.cumsum(reset_earlier.to(tl.int32), axis=0)
    alive = (place[:, None] > place[None, :]) & (resets_earlier[:, None] == resets[None, :])
    within = tl.where(alive, summed_earlier[:, None] - summed[None, :], 0.0)
    inner = tl.where(alive, tl.exp(within), 0.0)
    before = tl.where(resets_earlier == 0, tl.exp(summed_earlier), 0.0)
    return inner, before


@triton.jit
def adjoint_kernel(
    query, key, step_size, decay, cotangent, adjoint, states, length, width, columns,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, SLICE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """P, and the cotangent of the state after each chunk, from the last chunk to the first."""
    head = tl.program_id(0).to(tl.int64)
    across = tl.arange(0, WIDTH)
    along = tl.program_id(1) * SLICE + tl.arange(0, SLICE)
    place = tl.arange(0, BLOCK)
    chunks = tl.cdiv(length, BLOCK)
    state = tl.zeros([WIDTH, SLICE], dtype=tl.float32)
    for back in range(0, chunks):
        chunk = chunks - 1 - back
        rows = chunk * BLOCK + place
        inside = rows < length
        wide = inside[:, None] & (across < width)[None, :]
        at = (head * length + rows)[:, None] * width + across[None, :]
        q = tl.load(query + at, mask=wide, other=0.0).to(tl.float32)
        k = tl.load(key + at, mask=wide, other=0.0).to(tl.float32)
        there = (head * length + rows)[:, None] * columns + along[None, :]
        narrow = inside[:, None] & (along < columns)[None, :]
        given = tl.load(cotangent + there, mask=narrow, other=0.0).to(tl.float32)
        beta = tl.load(step_size + head * length + rows, mask=inside, other=0.0).to(tl.float32)
        inner, before, after, kept = chunk_decays(decay + head * length, rows, inside, BLOCK)
        tl.store(
            states + ((head * chunks + chunk) * width + across)[:, None] * columns + along[None, :],
            state,
            mask=(across < width)[:, None] & (along < columns)[None, :],
        )
        scores = tl.dot(q, tl.trans(k), input_precision=PRECISION) * inner
        found = tl.dot(tl.trans(scores), given, input_precision=PRECISION)
        found += after[:, None] * tl.dot(k, state, input_precision=PRECISION)
        coupling = beta[:, None] * tl.dot(k, tl.trans(k), input_precision=PRECISION) * inner
        coupling = tl.trans(tl.where(place[:, None] > place[None, :], coupling, 0.0))
        # The transposed system: every row from the later ones.
        for step in range(1, BLOCK):
            row = BLOCK - 1 - step
            weights = tl.where(place[:, None] == row, coupling, 0.0)
            found -= tl.dot(weights, found, input_precision=PRECISION)
        tl.store(adjoint + there, found, mask=narrow)
        state = kept * state + tl.dot(
            tl.trans(before[:, None] * q), given, input_precision=PRECISION
        )
        state -= tl.dot(tl.trans((before * beta)[:, None] * k), found, input_precision=PRECISION)


@triton.jit
def gradient_kernel(
    query, key, step_size, decay, cotangent, errors, adjoint, states, adjoint_states,
    of_query, of_key, of_step_size, of_decay, length, width, columns, heads,
    BLOCK: tl.constexpr, PART: tl.constexpr, SLICE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """dQ, dK and dβ of one chunk of one head; dα's share of one part of the keys' channels."""
    chunk, part = tl.program_id(0), tl.program_id(1)
    head = tl.program_id(2).to(tl.int64)
    across = part * PART + tl.arange(0, PART)
    place = tl.arange(0, BLOCK)
    rows = chunk * BLOCK + place
    inside = rows < length
    wide = inside[:, None] & (across < width)[None, :]
    at = (head * length + rows)[:, None] * width + across[None, :]
    beta = tl.load(step_size + head * length + rows, mask=inside, other=0.0).to(tl.float32)
    by_state = tl.zeros([BLOCK, PART], dtype=tl.float32)  # GMᵀ
    recalled = tl.zeros([BLOCK, PART], dtype=tl.float32)  # YMᵀ
    written = tl.zeros([BLOCK, PART], dtype=tl.float32)  # UH'ᵀ
    read = tl.zeros([BLOCK, BLOCK], dtype=tl.float32)  # GUᵀ
    coupled = tl.zeros([BLOCK, BLOCK], dtype=tl.float32)  # YUᵀ
    steps = tl.zeros([BLOCK], dtype=tl.float32)
    carried = tl.zeros([PART], dtype=tl.float32)  # sums to ⟨H', M⟩
    before_chunk = (head * tl.cdiv(length, BLOCK) + chunk) * width
    for first in range(0, columns, SLICE):
        along = first + tl.arange(0, SLICE)
        there = (head * length + rows)[:, None] * columns + along[None, :]
        narrow = inside[:, None] & (along < columns)[None, :]
        given = tl.load(cotangent + there, mask=narrow, other=0.0).to(tl.float32)
        error = tl.load(errors + there, mask=narrow, other=0.0)
        found = tl.load(adjoint + there, mask=narrow, other=0.0)
        held = (before_chunk + across)[:, None] * columns + along[None, :]
        deep = (across < width)[:, None] & (along < columns)[None, :]
        state = tl.load(states + held, mask=deep, other=0.0)
        adjoint_state = tl.load(adjoint_states + held, mask=deep, other=0.0)
        steps += tl.sum(found * error, axis=1)
        carried += tl.sum(state * adjoint_state, axis=1)
        write, recall = beta[:, None] * error, beta[:, None] * found
        read += tl.dot(given, tl.trans(write), input_precision=PRECISION)
        coupled += tl.dot(recall, tl.trans(write), input_precision=PRECISION)
        by_state += tl.dot(given, tl.trans(state), input_precision=PRECISION)
        recalled += tl.dot(recall, tl.trans(state), input_precision=PRECISION)
        written += tl.dot(write, tl.trans(adjoint_state), input_precision=PRECISION)
    if part == 0:
        tl.store(of_step_size + head * length + rows, steps, mask=inside)
    q = tl.load(query + at, mask=wide, other=0.0).to(tl.float32)
    k = tl.load(key + at, mask=wide, other=0.0).to(tl.float32)
    inner, before, after, _ = chunk_decays(decay + head * length, rows, inside, BLOCK)
    scores = tl.dot(q, tl.trans(k), input_precision=PRECISION)
    among = tl.dot(k, tl.trans(k), input_precision=PRECISION)
    pairs = scores * read - among * coupled
    ends = tl.sum(q * by_state - k * recalled, axis=1)
    starts = tl.sum(k * written, axis=1)
    read *= inner
    out = before[:, None] * by_state + tl.dot(read, k, input_precision=PRECISION)
    tl.store(of_query + at, out, mask=wide)
    coupled = tl.where(place[:, None] > place[None, :], coupled * inner, 0.0)
    out = after[:, None] * written - before[:, None] * recalled
    out += tl.dot(tl.trans(read), q, input_precision=PRECISION)
    out -= tl.dot(coupled + tl.trans(coupled), k, input_precision=PRECISION)
    tl.store(of_key + at, out, mask=wide)
    inner_earlier, before_earlier = decays_one_token_earlier(
        decay + head * length, rows, place, inside, BLOCK
    )
    gates = tl.dot(tl.trans(inner), pairs, input_precision=PRECISION)
    gates = tl.sum(gates * inner_earlier, axis=1)
    gates += before_earlier * tl.sum(inner * ends[:, None], axis=0)
    gates += after * tl.sum(inner_earlier * starts[None, :], axis=1)
    gates += after * before_earlier * tl.sum(carried, axis=0)
    tl.store(of_decay + (part * heads + head) * length + rows, gates, mask=inside)


def gradients(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    step_size: torch.Tensor,
    decay: torch.Tensor,
    cotangent: torch.Tensor,
    *,
    block: int = BLOCK,
    values_only: bool = False,
) -> tuple[torch.Tensor | None, ...]:
    """The gradients of ``⟨cotangent, gated_delta_rule(…)⟩`` in float32, in the arguments' order.

    Args:
        cotangent: like ``value``; the others as for `gated_delta_rule`.
        values_only: leave out all gradients but the one with respect to ``value``.
    """
    query, key, value, step_size, decay, cotangent = (
        x.contiguous() for x in (query, key, value, step_size, decay, cotangent)
    )
    batch, heads, length, width = query.shape
    columns, chunks = value.shape[-1], triton.cdiv(length, block)
    # Not empty: an element that no program writes must not look right.
    unwritten = lambda *shape: torch.full(
        (batch, heads, *shape), float("nan"), dtype=torch.float32, device=value.device
    )
    wide = max(16, triton.next_power_of_2(width))
    sizes = (length, width, columns)
    grid = (batch * heads, triton.cdiv(columns, SLICE))
    adjoint = unwritten(length, columns)
    adjoint_states = unwritten(chunks, width, columns)
    adjoint_kernel[grid](
        query, key, step_size, decay, cotangent, adjoint, adjoint_states, *sizes,
        BLOCK=block, WIDTH=wide, SLICE=SLICE, PRECISION=PRECISION, num_warps=ADJOINT_WARPS,
    )  # fmt: skip
    of_value = step_size.float()[..., None] * adjoint
    if values_only:
        return None, None, of_value, None, None
    errors, states = unwritten(length, columns), unwritten(chunks, width, columns)
    # Again rather than kept from the forward pass, which may have computed in bfloat16.
    chunk_kernel[grid](
        query, key, value, step_size, decay, errors, states, *sizes,
        BLOCK=block, WIDTH=wide, SLICE=SLICE, COMPUTE=tl.float32, PRECISION=PRECISION, REPLAY=True,
    )  # fmt: skip
    of_query, of_key = unwritten(length, width), unwritten(length, width)
    of_step_size = unwritten(length)
    part = min(PART, wide)
    of_decay = of_step_size.new_full((triton.cdiv(width, part), batch, heads, length), float("nan"))
    gradient_kernel[(chunks, len(of_decay), batch * heads)](
        query, key, step_size, decay, cotangent, errors, adjoint, states, adjoint_states,
        of_query, of_key, of_step_size, of_decay, *sizes, batch * heads,
        BLOCK=block, PART=part, SLICE=SLICE, PRECISION=PRECISION,
    )  # fmt: skip
    return of_query, of_key, of_value, of_step_size, of_decay.sum(0)


class _GatedDeltaRule(torch.autograd.Function):
    @staticmethod
    def forward(ctx, query, key, value, step_size, decay, block):
        ctx.save_for_backward(query, key, value, step_size, decay)
        ctx.block = block
        return forward_pass(query, key, value, step_size, decay, block=block)

    @staticmethod
    @once_differentiable
    def backward(ctx, cotangent):
        wanted = ctx.needs_input_grad[:5]
        only = wanted == (False, False, True, False, False)
        found = gradients(*ctx.saved_tensors, cotangent, block=ctx.block, values_only=only)
        cast = [
            one.to(x.dtype) if need else None
            for one, x, need in zip(found, ctx.saved_tensors, wanted)
        ]
        return (*cast, None)


def gated_delta_rule(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    step_size: torch.Tensor,
    decay: torch.Tensor,
    *,
    block: int = BLOCK,
) -> torch.Tensor:
    """``S_t = α_t S_{t−1}(I − β_t k_t k_tᵀ) + β_t v_t k_tᵀ``, ``o_t = S_t q_t``, with a gradient.

    Differentiable once, in all five tensors, also where a gate is zero. The backward pass computes
    in float32 and holds two states per chunk.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16, keys of norm at most one; value:
            [B, H, N, e]; step_size and decay: [B, H, N]; one dtype.
        block: tokens per chunk, a power of two of at least 16.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2412.06464, section 3.3; `theory.operator.gated_delta_rule`.
    """
    return _GatedDeltaRule.apply(query, key, value, step_size, decay, block)
