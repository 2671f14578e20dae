"""Gated linear attention in Triton: a program per head and slice of the values."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.triton_runtime import compute_dtype, tl, triton

# Tokens per chunk, and value channels per program. Products in float32 take more registers.
BLOCK = {torch.bfloat16: 64, torch.float16: 16, torch.float32: 16}
SLICE = {torch.bfloat16: 32, torch.float16: 16, torch.float32: 16}
# Full float32 products for float32 inputs; a GPU would otherwise round them to ten bits.
PRECISION = "ieee"


@triton.jit
def chunk_decays(decay, rows, inside, BLOCK: tl.constexpr):
    """``Γ`` of a chunk, ``g`` and ``Γ_C``, through cumulative logarithms; zeros are counted apart,
    since ``log 0 − log 0`` is no number."""
    gate = tl.load(decay + rows, mask=inside, other=1.0).to(tl.float32)
    reset = gate == 0.0
    logs = tl.where(reset, 0.0, tl.log(tl.where(reset, 1.0, gate)))
    summed = tl.cumsum(logs, axis=0)
    resets = tl.cumsum(reset.to(tl.int32), axis=0)
    whole, all_resets = tl.sum(logs, axis=0), tl.sum(reset.to(tl.int32), axis=0)
    place = tl.arange(0, BLOCK)
    alive = (place[:, None] >= place[None, :]) & (resets[:, None] == resets[None, :])
    # The difference is masked before the exponential: above the diagonal it may be large.
    within = tl.where(alive, summed[:, None] - summed[None, :], 0.0)
    inner = tl.where(alive, tl.exp(within), 0.0)
    before = tl.where(resets == 0, tl.exp(summed), 0.0)
    after = tl.where(resets == all_resets, tl.exp(whole - summed), 0.0)
    kept = tl.where(all_resets == 0, tl.exp(whole), 0.0)
    return inner, before, after, kept


@triton.jit
def chunk_kernel(
    query, key, value, decay, output, length, width, columns,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, SLICE: tl.constexpr,
    COMPUTE: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """All chunks of one head and one slice of the values, the state in registers."""
    head = tl.program_id(0).to(tl.int64)
    across = tl.arange(0, WIDTH)
    along = tl.program_id(1) * SLICE + tl.arange(0, SLICE)
    state = tl.zeros([WIDTH, SLICE], dtype=tl.float32)
    for start in range(0, length, BLOCK):
        rows = start + tl.arange(0, BLOCK)
        inside = rows < length
        wide = inside[:, None] & (across < width)[None, :]
        at = (head * length + rows)[:, None] * width + across[None, :]
        q = tl.load(query + at, mask=wide, other=0.0).to(COMPUTE)
        k = tl.load(key + at, mask=wide, other=0.0).to(COMPUTE)
        there = (head * length + rows)[:, None] * columns + along[None, :]
        narrow = inside[:, None] & (along < columns)[None, :]
        v = tl.load(value + there, mask=narrow, other=0.0).to(COMPUTE)
        inner, before, after, kept = chunk_decays(decay + head * length, rows, inside, BLOCK)
        scores = tl.dot(q, tl.trans(k), input_precision=PRECISION) * inner
        out = tl.dot(scores.to(COMPUTE), v, input_precision=PRECISION)
        out += before[:, None] * tl.dot(q, state.to(COMPUTE), input_precision=PRECISION)
        tl.store(output + there, out.to(output.dtype.element_ty), mask=narrow)
        written = (after[:, None] * k.to(tl.float32)).to(COMPUTE)
        state = kept * state + tl.dot(tl.trans(written), v, input_precision=PRECISION)


def gated_linear_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    decay: torch.Tensor,
    *,
    block: int = 0,
) -> torch.Tensor:
    """``S_t = α_t S_{t−1} + v_t k_tᵀ``, ``o_t = S_t q_t``, forward only.

    With bfloat16 inputs on a GPU scores, state and decayed keys are rounded once to bfloat16 before
    they meet the matrix units; the interpreter computes them in float32.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e]; decay:
            [B, H, N], may be zero; one dtype.
        block: tokens per chunk, a power of two of at least 16; 0 for what suits the dtype.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2401.04658, Algorithm 1; `theory.operator.gated_linear_attention`.
    """
    examine_recurrence(query, key, value, {"decay": decay}, accepted=NARROW)
    block = block or BLOCK[query.dtype]
    examine_block(block, power_of_two=True)
    query, key, value, decay = (x.contiguous() for x in (query, key, value, decay))
    batch, heads, length, width = query.shape
    columns = value.shape[-1]
    # Not empty: an element that no program writes must not look right.
    output = torch.full(value.shape, float("nan"), dtype=torch.float32, device=value.device)
    part = min(SLICE[query.dtype], max(16, triton.next_power_of_2(columns)))
    grid = (batch * heads, triton.cdiv(columns, part))
    chunk_kernel[grid](
        query, key, value, decay, output, length, width, columns,
        BLOCK=block, WIDTH=max(16, triton.next_power_of_2(width)), SLICE=part,
        COMPUTE=compute_dtype(query.dtype), PRECISION=PRECISION,
    )  # fmt: skip
    return output.to(value.dtype)
