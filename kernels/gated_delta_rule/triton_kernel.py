"""The gated delta rule in Triton: forward substitution inside a chunk, a state between chunks."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.gated_linear_attention.triton_kernel import chunk_decays
from attnproof.kernels.triton_runtime import compute_dtype, tl, triton

# Tokens per chunk, and value channels per program. Products in float32 take more registers.
BLOCK = 16
SLICE = {torch.bfloat16: 32, torch.float16: 16, torch.float32: 16}
PRECISION = "ieee"


@triton.jit
def chunk_kernel(
    query, key, value, step_size, decay, output, states, length, width, columns,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, SLICE: tl.constexpr,
    COMPUTE: tl.constexpr, PRECISION: tl.constexpr, REPLAY: tl.constexpr,
):  # fmt: skip
    """All chunks of one head and one slice of the values, the state in registers.

    With REPLAY ``output`` receives the prediction errors, ``E = diag(β)^{−1}U`` also where β = 0,
    and ``states`` the state before each chunk, for the gradient.
    """
    head = tl.program_id(0).to(tl.int64)
    across = tl.arange(0, WIDTH)
    along = tl.program_id(1) * SLICE + tl.arange(0, SLICE)
    place = tl.arange(0, BLOCK)
    state = tl.zeros([WIDTH, SLICE], dtype=tl.float32)
    for start in range(0, length, BLOCK):
        rows = start + place
        inside = rows < length
        wide = inside[:, None] & (across < width)[None, :]
        at = (head * length + rows)[:, None] * width + across[None, :]
        k = tl.load(key + at, mask=wide, other=0.0).to(COMPUTE)
        there = (head * length + rows)[:, None] * columns + along[None, :]
        narrow = inside[:, None] & (along < columns)[None, :]
        v = tl.load(value + there, mask=narrow, other=0.0).to(tl.float32)
        beta = tl.load(step_size + head * length + rows, mask=inside, other=0.0).to(tl.float32)
        inner, before, after, kept = chunk_decays(decay + head * length, rows, inside, BLOCK)
        if REPLAY:
            held = head * tl.cdiv(length, BLOCK) + start // BLOCK
            tl.store(
                states + (held * width + across)[:, None] * columns + along[None, :],
                state,
                mask=(across < width)[:, None] & (along < columns)[None, :],
            )
        recalled = tl.dot(k, state.to(COMPUTE), input_precision=PRECISION)
        coupling = tl.dot(k, tl.trans(k), input_precision=PRECISION) * inner * beta[None, :]
        coupling = tl.where(place[:, None] > place[None, :], coupling, 0.0)
        errors = v - before[:, None] * recalled
        # Row by row; the inverse by repeated squaring would lose every digit at a repeated key.
        for row in range(1, BLOCK):
            weights = tl.where(place[:, None] == row, coupling, 0.0)
            errors -= tl.dot(weights, errors, input_precision=PRECISION)
        writes = beta[:, None] * errors
        if REPLAY:
            tl.store(output + there, errors, mask=narrow)
        else:
            q = tl.load(query + at, mask=wide, other=0.0).to(COMPUTE)
            scores = tl.dot(q, tl.trans(k), input_precision=PRECISION) * inner
            out = tl.dot(scores.to(COMPUTE), writes.to(COMPUTE), input_precision=PRECISION)
            out += before[:, None] * tl.dot(q, state.to(COMPUTE), input_precision=PRECISION)
            tl.store(output + there, out.to(output.dtype.element_ty), mask=narrow)
        written = (after[:, None] * k.to(tl.float32)).to(COMPUTE)
        state = kept * state + tl.dot(
            tl.trans(written), writes.to(COMPUTE), input_precision=PRECISION
        )


def gated_delta_rule(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    step_size: torch.Tensor,
    decay: torch.Tensor,
    *,
    block: int = BLOCK,
) -> torch.Tensor:
    """``S_t = α_t S_{t−1}(I − β_t k_t k_tᵀ) + β_t v_t k_tᵀ``, ``o_t = S_t q_t``, forward only;
    `triton_gradient` has the one with a gradient.

    With bfloat16 inputs on a GPU scores, state and pseudo-values are rounded once to bfloat16
    before they meet the matrix units; the interpreter computes them in float32.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16, keys of norm at most one; value:
            [B, H, N, e]; step_size and decay: [B, H, N]; one dtype.
        block: tokens per chunk, a power of two of at least 16.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2412.06464, section 3.3; `theory.operator.gated_delta_rule`.
    """
    numbers = {"step_size": step_size, "decay": decay}
    examine_recurrence(query, key, value, numbers, accepted=NARROW)
    examine_block(block, power_of_two=True)
    query, key, value, step_size, decay = (
        x.contiguous() for x in (query, key, value, step_size, decay)
    )
    batch, heads, length, width = query.shape
    columns = value.shape[-1]
    output = torch.full(value.shape, float("nan"), dtype=torch.float32, device=value.device)
    part = min(SLICE[query.dtype], max(16, triton.next_power_of_2(columns)))
    grid = (batch * heads, triton.cdiv(columns, part))
    chunk_kernel[grid](
        query, key, value, step_size, decay, output, output, length, width, columns,
        BLOCK=block, WIDTH=max(16, triton.next_power_of_2(width)), SLICE=part,
        COMPUTE=compute_dtype(query.dtype), PRECISION=PRECISION, REPLAY=False,
    )  # fmt: skip
    return output.to(value.dtype)
