"""Local linear attention in Triton with a gradient: one more solve with the same matrix per row.

Row by row, without the index of the query: ``z_j = k_j − q``, ``A = Σ_j p_j z_j z_jᵀ + λI``,
``ρ = A^{−1}μ``, ``e_j = 1 − z_jᵀρ``, ``D = 1 − μᵀρ = Σ_j p_j e_j``, ``o = Σ_j p_j e_j v_j / D``.
For the cotangent g of o let ``G_j = gᵀv_j`` and ``h = gᵀo``. Then ``gᵀo`` depends on ρ through

    −tᵀδρ,    t = Σ_j p_j (G_j − h) z_j / D,    δρ = A^{−1}(δμ − δA ρ),

so that with the adjoint ``u = A^{−1}t`` and ``c_j = (G_j − h)/D − z_jᵀu`` its derivatives are

    in the score s_j:  p_j (e_j c_j + λ uᵀρ)
    in z_j:           −p_j (c_j ρ + e_j u)
    in v_j:            p_j e_j g / D.

The λ comes from the softmax: ``Σ_j p_j ∂/∂p_j = h/D − λ uᵀρ``; the ridge is a multiple of the mass
of the weights. With ``s_j = scale · qᵀk_j``, ``z_j = k_j − q`` and ``Σ_j p_j e_j = D``:

    dq = scale Σ_j ds_j k_j + ρ Σ_j p_j c_j + D u
    dk_j = Σ_i (scale · ds_ij q_i − p_ij c_ij ρ_i − p_ij e_ij u_i)
    dv_j = Σ_i p_ij e_ij g_i / D_i
"""

from __future__ import annotations

import torch

from attnproof.kernels.triton_runtime import triton

from .triton_gradient_passes import (
    key_gradient_kernel,
    pull_kernel,
    query_gradient_kernel,
    value_gradient_kernel,
)
from .triton_kernel import Fit, examined, fit
from .triton_solver import PRECISION, solve

# Fewer or more spill on one GPU or another.
PULL_WARPS = 4
QUERY_WARPS = 4
KEY_WARPS = 8
VALUE_WARPS = 4


class _LocalLinearAttention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, query, key, value, scale, ridge, block):
        found = fit(query, key, value, scale=scale, ridge=ridge, block=block)
        ctx.save_for_backward(query, key, value, *vars(found).values())
        ctx.given = scale, ridge, block
        return found.output.to(value.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, cotangent):
        query, key, value, *rest = ctx.saved_tensors
        wanted = tuple(ctx.needs_input_grad[:3])
        found = gradients(query, key, value, Fit(*rest), cotangent.contiguous(), wanted, *ctx.given)
        return *(None if x is None else x.to(query.dtype) for x in found), None, None, None


def gradients(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    found: Fit,
    cotangent: torch.Tensor,
    wanted: tuple[bool, bool, bool],
    scale: float,
    ridge: float,
    block: int,
) -> tuple[torch.Tensor | None, torch.Tensor | None, torch.Tensor | None]:
    """dq, dk and dv in float32 where wanted, from contiguous tensors.

    Raises:
        ArithmeticError: an adjoint has not arrived; see `triton_solver.solve`.
    """
    batch, heads, length, width = query.shape
    columns = value.shape[-1]
    grid = (triton.cdiv(length, block), batch * heads)
    sizes = dict(
        BLOCK=block, WIDTH=max(16, triton.next_power_of_2(width)),
        COLUMNS=max(16, triton.next_power_of_2(columns)), PRECISION=PRECISION,
    )  # fmt: skip
    new = lambda like: torch.full_like(like, float("nan"), dtype=torch.float32)
    of_query, of_key, of_value = (
        new(x) if w else None for x, w in zip((query, key, value), wanted)
    )
    if of_value is not None:
        value_gradient_kernel[grid](
            query, key, cotangent, found.slope, found.largest, found.total, found.rest, of_value,
            length, width, columns, scale, **sizes, num_warps=VALUE_WARPS,
        )  # fmt: skip
    if of_query is None and of_key is None:
        return of_query, of_key, of_value
    level, pull = (cotangent.float() * found.output).sum(-1), new(query)
    rows = (found.largest, found.total, found.rest, level)
    pull_kernel[grid](
        query, key, value, cotangent, *rows, pull, length, width, columns, scale,
        **sizes, num_warps=PULL_WARPS,
    )  # fmt: skip
    adjoint = solve(
        query, key, found.largest, found.total, found.size, pull,
        scale=scale, ridge=ridge, block=block,
    )  # fmt: skip
    common = (query, key, value, cotangent, found.slope, adjoint, *rows)
    if of_query is not None:
        query_gradient_kernel[grid](
            *common, of_query, length, width, columns, scale, ridge,
            **sizes, num_warps=QUERY_WARPS,
        )  # fmt: skip
    if of_key is not None:
        key_gradient_kernel[grid](
            *common, of_key, length, width, columns, scale, ridge,
            **sizes, num_warps=KEY_WARPS,
        )  # fmt: skip
    return of_query, of_key, of_value


def local_linear_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    ridge: float,
    block: int = 0,
) -> torch.Tensor:
    """``o_i = Σ_{j≤i} s_ij v_j``, ``s_ij = p_ij (1 − z_ijᵀρ_i)/(1 − μ_iᵀρ_i)`` with
    ``z_ij = k_j − q_i``, ``p_ij = softmax_j(scale · q_iᵀk_j)``, ``μ_i = Σ_j p_ij z_ij``,
    ``(Σ_j p_ij z_ij z_ijᵀ + λI) ρ_i = μ_i``, the last by conjugate gradients.

    A step of the conjugate gradients is one pass over the keys; neither the moments nor the
    differences z are formed, and memory is proportional to N. Everything is computed in float32.
    The residual of ρ is formed anew before it is accepted, as in `solver.solve`, on which the
    specification's bound counts; the result is asked for on the host, which waits for the device.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e]; one dtype.
        scale: of the logits; ridge: λ > 0, relative to the mass of the weights.
        block: queries and keys of a tile, a power of two of at least 16; 0 for the default.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable once.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`;
            or a ridge that is not positive.
        ArithmeticError: the moments are too ill-conditioned for float32, forward or backward.

    Source: arXiv:2510.01450; the ridge's term of the gradient: `theory.paper.lla`.
    """
    query, key, value, block = examined(query, key, value, ridge, block)
    return _LocalLinearAttention.apply(query, key, value, scale, ridge, block)
