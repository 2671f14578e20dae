"""LUCID attention in Triton with a gradient: the same substitution with tokens in reverse order.

With ``LU = V``, ``L_tj = E_tj = e^{scale·κ_tᵀκ_j − offset}`` below the diagonal, and the cotangent
g of U:

    x     = L^{−T} g
    dv_t  = x_t
    dκ_t  = −scale (Σ_{j<t} E_tj (x_tᵀu_j) κ_j + Σ_{s>t} E_st (x_sᵀu_t) κ_s)

``Σ_t g_tᵀdu_t = Σ_t x_tᵀ(dv_t − Σ_{j<t} dE_tj u_j)`` with
``dE_tj = scale E_tj (dκ_tᵀκ_j + κ_tᵀdκ_j)`` gives the last line. E is symmetric in t and j, so that
with the tokens in reverse order Lᵀ is the L of the reversed keys: x is the substitution itself on
(κ, g), backwards. The second sum of dκ is the first one on (κ, u, x), backwards too.

The softmax that follows has its own gradient, and autograd composes the two.
"""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from attnproof.kernels.arguments import NARROW
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.causal_softmax_attention.triton_gradient import causal_softmax_attention
from attnproof.kernels.triton_runtime import tl, triton

from .triton_kernel import BLOCK, PRECISION, kernel_entries
from .triton_kernel import preconditioned_values as forward_pass


@triton.jit
def earlier_keys_kernel(
    normal_key, newer, older, output, length, width, columns, scale, offset,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """``Σ_{j<t} E_tj (a_tᵀb_j) κ_j`` for one tile of rows of one head."""
    head = tl.program_id(1).to(tl.int64)
    top = tl.program_id(0) * BLOCK
    rows = top + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    wide, narrow = (across < width)[None, :], (along < columns)[None, :]
    inside = (rows < length)[:, None]
    at = (head * length + rows)[:, None] * width + across[None, :]
    k = tl.load(normal_key + at, mask=inside & wide, other=0.0)
    a = tl.load(
        newer + (head * length + rows)[:, None] * columns + along[None, :],
        mask=inside & narrow,
        other=0.0,
    )
    summed = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    for left in range(0, top + BLOCK, BLOCK):
        others = left + tl.arange(0, BLOCK)
        base = (head * length + others)[:, None]
        present = (others < length)[:, None]
        earlier = tl.load(
            normal_key + base * width + across[None, :], mask=present & wide, other=0.0
        )
        b = tl.load(older + base * columns + along[None, :], mask=present & narrow, other=0.0)
        weights = kernel_entries(k, earlier, scale, offset, PRECISION)
        weights *= tl.dot(a, tl.trans(b), input_precision=PRECISION)
        weights = tl.where(others[None, :] < rows[:, None], weights, 0.0)
        summed += tl.dot(weights, earlier, input_precision=PRECISION)
    tl.store(output + at, summed, mask=inside & wide)


def earlier_keys(
    normal_key: torch.Tensor,
    newer: torch.Tensor,
    older: torch.Tensor,
    scale: float,
    offset: float,
    block: int,
) -> torch.Tensor:
    """``Σ_{j<t} E_tj (a_tᵀb_j) κ_j``.

    Args:
        normal_key: κ, [B, H, N, d]; newer: a and older: b, [B, H, N, e]; contiguous, in float32.

    Returns:
        [B, H, N, d] in float32.
    """
    batch, heads, length, width = normal_key.shape
    columns = newer.shape[-1]
    output = torch.full_like(normal_key, float("nan"))
    earlier_keys_kernel[(triton.cdiv(length, block), batch * heads)](
        normal_key, newer, older, output, length, width, columns, float(scale), float(offset),
        BLOCK=block, WIDTH=max(16, triton.next_power_of_2(width)),
        COLUMNS=max(16, triton.next_power_of_2(columns)), PRECISION=PRECISION,
    )  # fmt: skip
    return output


def _backwards(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.flip(2)


class _PreconditionedValues(torch.autograd.Function):
    @staticmethod
    def forward(ctx, normal_key, value, scale, offset, block):
        written = forward_pass(normal_key, value, scale=scale, offset=offset, block=block)
        ctx.save_for_backward(normal_key, written)
        ctx.value_dtype = value.dtype
        ctx.numbers = (scale, offset, block)
        return written

    @staticmethod
    @once_differentiable
    def backward(ctx, cotangent):
        normal_key, written = ctx.saved_tensors
        scale, offset, block = ctx.numbers
        # In float32: a gradient that is rounded between its steps is of no use to narrow weights.
        keys = normal_key.float().contiguous()
        keys_back = _backwards(keys)
        solved_back = forward_pass(
            keys_back, _backwards(cotangent.float()), scale=scale, offset=offset, block=block
        )
        solved = _backwards(solved_back)
        of_key = of_value = None
        if ctx.needs_input_grad[0]:
            before = earlier_keys(keys, solved, written, scale, offset, block)
            after = earlier_keys(keys_back, _backwards(written), solved_back, scale, offset, block)
            of_key = (-scale * (before + _backwards(after))).to(normal_key.dtype)
        if ctx.needs_input_grad[1]:
            of_value = solved.to(ctx.value_dtype)
        return of_key, of_value, None, None, None


def preconditioned_values(
    normal_key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    offset: float,
    block: int = BLOCK,
) -> torch.Tensor:
    """``u_t = v_t − Σ_{j<t} e^{scale·κ_tᵀκ_j − offset} u_j`` in float32, with a gradient.

    Args:
        normal_key: κ, [B, H, N, d]; value: [B, H, N, e]; one dtype, float32, float16 or bfloat16.
        block: rows of a tile, a power of two of at least 16.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2602.10410, Eq. (6); `theory.operator.lucid_attention`.
    """
    return _PreconditionedValues.apply(normal_key, value, scale, offset, block)


def lucid_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    normal_key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    offset: float,
    block: int = BLOCK,
) -> torch.Tensor:
    """``o_t = Σ_{j≤t} softmax_j(scale · q_tᵀk_j) u_j`` with ``LU = V``, L unit lower triangular,
    ``L_tj = e^{scale·κ_tᵀκ_j − offset}``, with a gradient.

    Scores, weights and preconditioned values are held in float32, also for narrow inputs.

    Args:
        query, key, normal_key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e];
            one dtype. The caller normalises: in the paper ``‖κ‖² = d``, scale ``1/√d`` and offset
            ``√d``.
        block: rows of a tile, a power of two of at least 16.

    Returns:
        [B, H, N, e] in the dtype of the inputs.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2602.10410, Eq. (6) and (7); `theory.operator.lucid_attention`.
    """
    examine_recurrence(query, key, value, {}, accepted=NARROW)
    examine_recurrence(normal_key, key, value, {}, accepted=NARROW)
    written = preconditioned_values(normal_key, value, scale=scale, offset=offset, block=block)
    output = causal_softmax_attention(query.float(), key.float(), written, scale=scale, block=block)
    return output.to(query.dtype)
