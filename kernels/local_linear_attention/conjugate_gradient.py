"""Local linear attention in torch by conjugate gradients: no moments, products with keys only."""

from __future__ import annotations

from functools import partial

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence

from .solver import solve


def examine_ridge(ridge: float) -> None:
    """Refuse a ridge that is not positive.

    Raises:
        ValueError: with what was given and what to give.
    """
    if not ridge > 0:
        raise ValueError(f"ridge is {ridge}; the first tokens have no fit without one: raise it")


class _Solution(torch.autograd.Function):
    """x as a function of its own residual: ``dx = A^{−1} dr``, one more solve for the gradient."""

    @staticmethod
    def forward(ctx, residual, estimate, inverse):
        ctx.inverse = inverse
        return estimate.clone()

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, cotangent):
        return ctx.inverse(cotangent), None, None


def _product(
    shares: torch.Tensor, key: torch.Tensor, query: torch.Tensor, ridge: float, x: torch.Tensor
) -> torch.Tensor:
    """``Σ_j p_ij z_ij (z_ijᵀx_i) + λx_i = Kᵀy_i − q_i(1ᵀy_i) + λx_i``,
    ``y_i = p_i ∘ (Kx_i − 1 q_iᵀx_i)``."""
    weighted = shares * (x @ key.transpose(-1, -2) - (query * x).sum(-1, keepdim=True))
    return weighted @ key - weighted.sum(-1, keepdim=True) * query + ridge * x


def local_linear_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    ridge: float,
    block: int = 64,
) -> torch.Tensor:
    """``o_i = Σ_{j≤i} s_ij v_j``, ``s_ij = p_ij (1 − z_ijᵀρ_i)/(1 − μ_iᵀρ_i)`` with
    ``z_ij = k_j − q_i``, ``p_ij = softmax_j(scale · q_iᵀk_j)``, ``μ_i = Σ_j p_ij z_ij``,
    ``(Σ_j p_ij z_ij z_ijᵀ + λI) ρ_i = μ_i``, the last by conjugate gradients.

    One tile of queries at a time; neither the moments nor the differences z are formed. Memory is
    block × N, and N × N once autograd keeps the shares. The residual of ρ is formed anew before it
    is accepted: see `solver.solve`; the specification's bound counts on it. The gradient takes one
    more solve with the same matrix.

    Args:
        query, key: [B, H, N, d]; value: [B, H, N, e]; one dtype.
        scale: of the logits; ridge: λ > 0, relative to the mass of the weights.
        block: queries of a tile.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable once through autograd.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`;
            or a ridge that is not positive.
        ArithmeticError: the moments are too ill-conditioned for the dtype that sums are held in.

    Source: arXiv:2510.01450; `theory.paper.lla.matrix_free`.
    """
    examine_recurrence(query, key, value, {})
    examine_block(block, power_of_two=False)
    examine_ridge(ridge)
    held = accumulator(query.dtype)
    length = query.shape[2]
    outputs = []
    for top in range(0, length, block):
        end = min(top + block, length)
        tile = (query[..., top:end, :], key[..., :end, :], value[..., :end, :])
        outputs.append(_rows(*(x.to(held) for x in tile), scale, ridge, top))
    return torch.cat(outputs, -2).to(query.dtype)


def _rows(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, scale: float, ridge: float, top: int
) -> torch.Tensor:
    """The outputs of one tile of queries from all keys up to its end."""
    place = torch.arange(k.shape[-2], device=k.device)
    future = place[None, :] > place[top:, None]
    scores = scale * (q @ k.transpose(-1, -2))
    shares = torch.softmax(scores.masked_fill(future, -torch.inf), -1)
    first = shares @ k - q
    slope = _slope(shares, k, q, ridge, first, top)
    change = 1 - (slope @ k.transpose(-1, -2) - (q * slope).sum(-1, keepdim=True))
    total = 1 - (first * slope).sum(-1, keepdim=True)
    return (shares * change) @ v / total


def _slope(
    shares: torch.Tensor,
    k: torch.Tensor,
    q: torch.Tensor,
    ridge: float,
    first: torch.Tensor,
    top: int,
) -> torch.Tensor:
    """ρ, and how it depends on all else: through its residual ``μ − Aρ̂`` at the ρ̂ found."""
    with torch.no_grad():
        p, keys, queries = shares.detach(), k.detach(), q.detach()
        # ‖A‖ ≤ Σ_j p_ij ‖z_ij‖² + λ, with ‖z_ij‖ ≤ ‖k_j‖ + ‖q_i‖.
        lengths = keys.norm(dim=-1)[..., None, :] + queries.norm(dim=-1)[..., None]
        size = (p * lengths.square()).sum(-1) + ridge

        def inverse(right: torch.Tensor) -> torch.Tensor:
            return solve(partial(_product, p, keys, queries, ridge), right, size, first=top)

        estimate = inverse(first.detach())
    if not first.requires_grad:
        return estimate
    return _Solution.apply(first - _product(shares, k, q, ridge, estimate), estimate, inverse)
