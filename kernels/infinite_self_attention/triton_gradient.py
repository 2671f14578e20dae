"""Infinite self-attention in Triton with a gradient: the pass of the values on exchanged roles, and
one kernel for queries and keys.

With ``s_ij = q_i·k_j/d``, ``A_ij = [s_ij]_+``, ``D = ‖A‖_F + ε``, ``Y = γAV/D`` and the cotangent G
of Y, of which all sums over pairs need no more than one tile at a time:

    dV    = γAᵀG/D                                     the same product, queries as keys
    dA_ij = (γ/D) g_i·v_j − (⟨G, Y⟩/(D‖A‖_F)) A_ij     as ∂D/∂A_ij = A_ij/‖A‖_F
    dS_ij = 1[s_ij > 0] dA_ij
    dq_i  = Σ_j dS_ij k_j/d
    dk_j  = Σ_i dS_ij q_i/d                            the same kernel, roles exchanged

The first term of dA is an inner product of rows and the second belongs to the pair, so that
exchanging (Q, G) with (K, V) transposes dS.
"""

from __future__ import annotations

import torch
from torch.autograd.function import once_differentiable

from attnproof.kernels.arguments import NARROW, examine
from attnproof.kernels.triton_runtime import compute_dtype, tl, triton

from .normaliser import normaliser
from .triton_kernel import PRECISION, affinity_times

# Rows and columns of a tile of the gradient, and the warps that share it: four products in float32
# take registers.
BLOCK, WARPS = 32, 8


@triton.jit
def affinity_gradient_kernel(
    one, other, left, right, coefficient, gradient, length, width, columns, inverse_width,
    BLOCK: tl.constexpr, WIDTH: tl.constexpr, COLUMNS: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """``Σ_j 1[s_ij > 0] (left_i·right_j + c s_ij) other_j/d`` for one block of rows i of one head,
    ``s_ij = one_i·other_j/d``."""
    head = tl.program_id(1).to(tl.int64)
    rows = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    across = tl.arange(0, WIDTH)
    along = tl.arange(0, COLUMNS)
    first = head * length
    at = (first + rows)[:, None] * width + across[None, :]
    wide = (rows < length)[:, None] & (across < width)[None, :]
    x = tl.load(one + at, mask=wide, other=0.0)
    g = tl.load(
        left + (first + rows)[:, None] * columns + along[None, :],
        mask=(rows < length)[:, None] & (along < columns)[None, :],
        other=0.0,
    )
    c = tl.load(coefficient + head)
    total = tl.zeros([BLOCK, WIDTH], dtype=tl.float32)
    for start in range(0, length, BLOCK):
        others = start + tl.arange(0, BLOCK)
        inside = (others < length)[:, None]
        y = tl.load(
            other + (first + others)[:, None] * width + across[None, :],
            mask=inside & (across < width)[None, :],
            other=0.0,
        )
        v = tl.load(
            right + (first + others)[:, None] * columns + along[None, :],
            mask=inside & (along < columns)[None, :],
            other=0.0,
        )
        scores = tl.dot(x, tl.trans(y), input_precision=PRECISION) * inverse_width
        change = tl.dot(g, tl.trans(v), input_precision=PRECISION) + c * scores
        # Rows beyond the end are zeros, and their scores are not positive.
        change = tl.where(scores > 0.0, change, 0.0)
        total += tl.dot(change, y, input_precision=PRECISION)
    tl.store(gradient + at, total * inverse_width, mask=wide)


def affinity_gradient(
    one: torch.Tensor,
    other: torch.Tensor,
    left: torch.Tensor,
    right: torch.Tensor,
    coefficient: torch.Tensor,
) -> torch.Tensor:
    """``Σ_j 1[s_ij > 0] (left_i·right_j + c s_ij) other_j/d`` with ``s_ij = one_i·other_j/d``.

    Args:
        one, other: [B, H, N, d]; left, right: [B, H, N, e]; coefficient: c, [B, H]; all float32.
    """
    one, other, left, right = (x.contiguous() for x in (one, other, left, right))
    batch, heads, length, width = one.shape
    columns = left.shape[-1]
    # Not empty: an element that no program writes must not look right.
    gradient = torch.full_like(one, float("nan"))
    affinity_gradient_kernel[(triton.cdiv(length, BLOCK), batch * heads)](
        one, other, left, right, coefficient.contiguous(), gradient,
        length, width, columns, 1.0 / width,
        BLOCK=BLOCK, WIDTH=max(16, triton.next_power_of_2(width)),
        COLUMNS=max(16, triton.next_power_of_2(columns)), PRECISION=PRECISION, num_warps=WARPS,
    )  # fmt: skip
    return gradient


def gradients_of_map(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    cotangent: torch.Tensor,
    output: torch.Tensor,
    norm: torch.Tensor,
    denominator: torch.Tensor,
    gamma: float,
    needed: tuple[bool, bool],
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """dq and dk of ``⟨G, γÂV⟩``, all in float32.

    Args:
        cotangent: G; output: ``γÂV``.
        norm, denominator: see `normaliser`.
        needed: whether dq is wanted, and whether dk is.
    """
    left = gamma / denominator * cotangent
    inner = (cotangent * output).sum((-1, -2), keepdim=True)
    # Without any affinity there is no positive score, and no derivative to be weighted.
    safe = torch.where(norm == 0, torch.ones_like(norm), norm)
    coefficient = (-inner / (denominator * safe))[..., 0, 0]
    of_query = affinity_gradient(query, key, left, value, coefficient) if needed[0] else None
    of_key = affinity_gradient(key, query, value, left, coefficient) if needed[1] else None
    return of_query, of_key


class _InfiniteSelfAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, query, key, value, gamma, epsilon, block):
        product, squares = affinity_times(query, key, value, block)
        # Where affinities are rounded to half precision, the backward pass forms both again.
        ctx.rounded = compute_dtype(query.dtype) != tl.float32
        kept = (None, None) if ctx.rounded else (product, squares)
        ctx.save_for_backward(query, key, value, *kept)
        ctx.gamma, ctx.epsilon = gamma, epsilon
        _, denominator = normaliser(squares, epsilon)
        return (gamma * product / denominator).to(query.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx, cotangent):
        query, key, value, product, squares = ctx.saved_tensors
        query, key, value, given = (x.float() for x in (query, key, value, cotangent))
        if ctx.rounded:
            product, squares = affinity_times(query, key, value)
        norm, denominator = normaliser(squares, ctx.epsilon)
        output = ctx.gamma * product / denominator
        *of_map, of_value = ctx.needs_input_grad[:3]
        found = gradients_of_map(
            query, key, value, given, output, norm, denominator, ctx.gamma, tuple(of_map)
        )
        back = None
        if of_value:
            product, _ = affinity_times(key, query, given)
            back = ctx.gamma * product / denominator
        cast = [None if one is None else one.to(cotangent.dtype) for one in (*found, back)]
        return (*cast, None, None, None)


def infinite_self_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    gamma: float,
    epsilon: float = 1e-6,
    block: int = 0,
) -> torch.Tensor:
    """``Y = γ A0 V / (‖A0‖_F + ε)`` with ``A0 = [Q Kᵀ / d]_+``, with a gradient.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16; sums are held in float32.
        value: [B, H, N, e], same dtype.
        block: rows and columns of a tile of the forward pass, a power of two of at least 16; 0 for
            what suits the dtype.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Gradients are computed in float32 and rounded once;
        where a logit is 0, the derivative of the rectifier is taken to be 0.

    Raises:
        ValueError: see `arguments.examine` and `arguments.examine_block`.

    Source: arXiv:2603.00175v2, "pure" variant; `theory.operator.infinite_self_attention`.
    """
    examine(query, key, value, gamma, epsilon, accepted=NARROW)
    return _InfiniteSelfAttention.apply(query, key, value, gamma, epsilon, block)
