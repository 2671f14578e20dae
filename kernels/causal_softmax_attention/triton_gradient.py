"""Softmax attention in Triton with a gradient: one pass over keys for dq, one over rows for dk, dv.

With ``s_ij = scale · q_iᵀk_j``, ``P_ij = e^{s_ij − m_i}/l_i`` over the keys that row i sees (0
elsewhere), ``o_i = Σ_j P_ij v_j`` and the cotangent g of o:

    dv_j = Σ_i P_ij g_i
    D_i  = Σ_j P_ij (g_iᵀv_j) = g_iᵀo_i
    dS_ij = P_ij (g_iᵀv_j − D_i)
    dq_i = scale Σ_j dS_ij k_j
    dk_j = scale Σ_i dS_ij q_i

P is computed again tile by tile from the m and l that the forward pass has kept: nothing N × N is
held. A row that sees no key has no P: its gradient is 0. D is of float32 outputs: from outputs in
half precision it would carry their rounding into every entry of dS.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.autograd.function import once_differentiable

from attnproof.kernels.triton_runtime import compute_dtype, tl, triton

from .triton_kernel import PRECISION, State, layout_of, pairs_seen, rows_of, tiled_state

# The tile that a program of the backward pass owns, rows or keys, and the rows that meet a tile of
# keys: products in float32 take registers, and 32 rows spill.
BLOCK, ROWS = 32, 16

Attend = Callable[..., State]


@triton.jit
def dq_kernel(
    query, key, value, cotangent, largest_of, total_of, dots, gradient, mask,
    length, width, columns, scale, heads, of_batch, of_head, of_row, of_column,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr,
    PRECISION: tl.constexpr, CAUSAL: tl.constexpr, MASKED: tl.constexpr,
):  # fmt: skip
    """dq of one tile of rows of one head."""
    head = tl.program_id(1).to(tl.int64)
    top = tl.program_id(0) * BLOCK
    rows = top + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    first = head * length
    q = rows_of(query, first, rows, length, width, across).to(tl.float32)
    g = rows_of(cotangent, first, rows, length, columns, along).to(tl.float32)
    largest = tl.load(largest_of + first + rows, mask=rows < length, other=0.0)
    total = tl.load(total_of + first + rows, mask=rows < length, other=1.0)
    dot = tl.load(dots + first + rows, mask=rows < length, other=0.0)
    summed = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    end = top + BLOCK if CAUSAL else length
    for left in range(0, end, BLOCK):
        others = left + tl.arange(0, BLOCK)
        k = rows_of(key, first, others, length, width, across).to(tl.float32)
        v = rows_of(value, first, others, length, columns, along).to(tl.float32)
        seen = pairs_seen(
            mask, head, rows[:, None], others[None, :], length,
            heads, of_batch, of_head, of_row, of_column, CAUSAL, MASKED,
        )  # fmt: skip
        scores = scale * tl.dot(q, tl.trans(k), input_precision=PRECISION)
        # Masked before the exponential: the logit of a key that is not seen may be large.
        scores = tl.where(seen, scores, float("-inf"))
        weights = tl.exp(scores - largest[:, None]) / total[:, None]
        change = tl.dot(g, tl.trans(v), input_precision=PRECISION) - dot[:, None]
        summed += tl.dot(weights * change, k, input_precision=PRECISION)
    tl.store(
        gradient + (first + rows)[:, None] * width + across[None, :],
        scale * summed,
        mask=(rows < length)[:, None] & (across < width)[None, :],
    )


@triton.jit
def dkv_kernel(
    query, key, value, cotangent, largest_of, total_of, dots, of_key, of_value, mask,
    length, width, columns, scale, heads, of_batch, of_head, of_row, of_column,
    BLOCK: tl.constexpr, ROWS: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr,
    PRECISION: tl.constexpr, CAUSAL: tl.constexpr, MASKED: tl.constexpr,
):  # fmt: skip
    """dk and dv of one tile of keys of one head."""
    head = tl.program_id(1).to(tl.int64)
    left = tl.program_id(0) * BLOCK
    others = left + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    first = head * length
    k = rows_of(key, first, others, length, width, across).to(tl.float32)
    v = rows_of(value, first, others, length, columns, along).to(tl.float32)
    key_sum = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    value_sum = tl.zeros([BLOCK, COLUMNS], dtype=tl.float32)
    begin = left if CAUSAL else 0
    for top in range(begin, length, ROWS):
        rows = top + tl.arange(0, ROWS)
        q = rows_of(query, first, rows, length, width, across).to(tl.float32)
        g = rows_of(cotangent, first, rows, length, columns, along).to(tl.float32)
        largest = tl.load(largest_of + first + rows, mask=rows < length, other=0.0)
        total = tl.load(total_of + first + rows, mask=rows < length, other=1.0)
        dot = tl.load(dots + first + rows, mask=rows < length, other=0.0)
        seen = pairs_seen(
            mask, head, rows[None, :], others[:, None], length,
            heads, of_batch, of_head, of_row, of_column, CAUSAL, MASKED,
        )  # fmt: skip
        # Keys down, rows across: Pᵀ and dSᵀ as the products want them.
        scores = scale * tl.dot(k, tl.trans(q), input_precision=PRECISION)
        scores = tl.where(seen, scores, float("-inf"))
        weights = tl.exp(scores - largest[None, :]) / total[None, :]
        value_sum += tl.dot(weights, g, input_precision=PRECISION)
        change = tl.dot(v, tl.trans(g), input_precision=PRECISION) - dot[None, :]
        key_sum += tl.dot(weights * change, q, input_precision=PRECISION)
    inside = (others < length)[:, None]
    tl.store(
        of_key + (first + others)[:, None] * width + across[None, :],
        scale * key_sum,
        mask=inside & (across < width)[None, :],
    )
    tl.store(
        of_value + (first + others)[:, None] * columns + along[None, :],
        value_sum,
        mask=inside & (along < columns)[None, :],
    )


def gradients(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    cotangent: torch.Tensor,
    state: State,
    *,
    scale: float,
    causal: bool,
    needed: tuple[bool, bool],
) -> tuple[torch.Tensor | None, torch.Tensor | None, torch.Tensor | None]:
    """dq, dk and dv in float32.

    Args:
        query, key, value, mask: as the forward pass had them; cotangent: [B, H, N, e].
        state: o, m and l, see `triton_kernel.tiled_state`.
        needed: whether dq is wanted, and whether dk or dv is.
    """
    output, largest, total = state
    dots = (cotangent.float() * output).sum(-1)
    query, key, value, cotangent = (x.contiguous() for x in (query, key, value, cotangent))
    batch, heads, length, width = query.shape
    columns = value.shape[-1]
    given = query, key, value, cotangent, largest, total, dots
    numbers = length, width, columns, scale, *layout_of(mask, heads)
    constants = dict(
        BLOCK=BLOCK,
        WIDTH=max(16, triton.next_power_of_2(width)),
        COLUMNS=max(16, triton.next_power_of_2(columns)),
        PRECISION=PRECISION, CAUSAL=causal, MASKED=mask is not None,
    )  # fmt: skip
    grid = triton.cdiv(length, BLOCK), batch * heads
    # Not empty: an element that no program writes must not look right.
    new = lambda like: torch.full_like(like, float("nan"), dtype=torch.float32)
    of_query = of_key = of_value = None
    if needed[0]:
        of_query = new(query)
        dq_kernel[grid](*given, of_query, mask, *numbers, **constants)
    if needed[1]:
        of_key, of_value = new(key), new(value)
        dkv_kernel[grid](*given, of_key, of_value, mask, *numbers, ROWS=ROWS, **constants)
    return of_query, of_key, of_value


class _SoftmaxAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, query, key, value, mask, attend, scale, causal, block):
        output, largest, total = attend(query, key, value, mask, block)
        # Where weights are rounded to half precision, the backward pass computes o again.
        ctx.rounded = compute_dtype(query.dtype) != tl.float32
        kept = (None, None, None) if ctx.rounded else (output, largest, total)
        ctx.save_for_backward(query, key, value, mask, *kept)
        ctx.attend, ctx.scale, ctx.causal = attend, scale, causal
        return output.to(value.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx, cotangent):
        query, key, value, mask, *state = ctx.saved_tensors
        if ctx.rounded:
            query, key, value = (x.float() for x in (query, key, value))
            # The block that was asked for may be too large for products in float32.
            state = ctx.attend(query, key, value, mask, 0)
        of_query, of_key, of_value, *_ = ctx.needs_input_grad
        found = gradients(
            query, key, value, mask, cotangent, tuple(state),
            scale=ctx.scale, causal=ctx.causal, needed=(of_query, of_key or of_value),
        )  # fmt: skip
        cast = [
            one.to(cotangent.dtype) if wanted else None
            for one, wanted in zip(found, (of_query, of_key, of_value))
        ]
        return (*cast, None, None, None, None, None)


def with_gradient(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None = None,
    *,
    attend: Attend,
    scale: float,
    causal: bool,
    block: int,
) -> torch.Tensor:
    """The first result of ``attend(query, key, value, mask, block)`` in the dtype of the values,
    with the gradient of softmax attention from its other two, which are m and l.

    Args:
        attend: such as `triton_kernel.tiled_state`; where it rounds its weights it is called again
            in the backward pass, on float32 copies and with 0 for the block.
        mask, scale, causal, block: as in `triton_kernel.tiled_state`; the mask has no gradient.
    """
    return _SoftmaxAttention.apply(query, key, value, mask, attend, scale, causal, block)


def causal_softmax_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    block: int = 0,
) -> torch.Tensor:
    """``y_t = Σ_{j≤t} softmax_j(scale · q_tᵀk_j) v_j``, with a gradient.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e]; one dtype.
        scale: of the logits, usually ``1/√d``.
        block: rows and columns of a tile of the forward pass, a power of two of at least 16; 0 for
            what suits the dtype.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Gradients are computed in float32 and rounded once.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2307.08691, Algorithms 1 and 2, without atomic additions: dq has a pass of its
    own; `theory.operator.causal_softmax_attention`.
    """

    def attend(query, key, value, mask, block):
        return tiled_state(query, key, value, mask, scale=scale, block=block, causal=True)

    return with_gradient(query, key, value, attend=attend, scale=scale, causal=True, block=block)
