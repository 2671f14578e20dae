"""Linear infinite self-attention in torch: one pass over queries, one over keys and values."""

from __future__ import annotations

import math

import torch

from attnproof.kernels.arguments import accumulator, examine, examine_block


def linear_infinite_self_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    gamma: float,
    epsilon: float = 1e-6,
    block: int = 1024,
) -> torch.Tensor:
    """``y_i = γ Σ_j a_j v_j`` for every i, ``a_j = r_j/(Σ r + ε)``, ``r_j = [q̄·k_j/d]_+``.

    State between blocks: d + 1 numbers in the first pass, e + 1 in the second. Time O(N(d + e)).

    Args:
        query, key: [B, H, N, d]; value: [B, H, N, e], same dtype.
        block: tokens per step.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd, which keeps
        every block: the state is small in the forward pass only. At a query of zeros, where the
        norm has no derivative, the subgradient 0 is taken.

    Raises:
        ValueError: see `arguments.examine` and `arguments.examine_block`.

    Source: arXiv:2603.00175v2, "linear" variant; `theory.operator.linear_infinite_self_attention`.
    """
    examine(query, key, value, gamma, epsilon)
    examine_block(block, power_of_two=False)
    held = accumulator(query.dtype)
    *outer, length, width = query.shape
    pooled = query.new_zeros(*outer, width, dtype=held)
    norms = query.new_zeros(*outer, 1, dtype=held)
    for start in range(0, length, block):
        rows = query[..., start : start + block, :].to(held)
        # Not sqrt of a sum: its derivative at a row of zeros (padding) is infinite, times 0 NaN.
        norm = torch.linalg.vector_norm(rows, dim=-1, keepdim=True)
        pooled = pooled + (norm.transpose(-1, -2) @ rows)[..., 0, :]
        norms = norms + norm.sum(-2)
    pooled = pooled / nonzero(norms + epsilon * math.sqrt(width))
    numerator = value.new_zeros(*outer, value.shape[-1], dtype=held)
    total = value.new_zeros(*outer, 1, dtype=held)
    for start in range(0, length, block):
        keys = key[..., start : start + block, :].to(held)
        score = torch.relu(keys @ pooled[..., None] / width)
        numerator = (
            numerator
            + (score.transpose(-1, -2) @ value[..., start : start + block, :].to(held))[..., 0, :]
        )
        total = total + score.sum(-2)
    row = gamma * numerator / nonzero(total + epsilon)
    return row[..., None, :].to(query.dtype).expand(*outer, length, -1).contiguous()


def nonzero(denominator: torch.Tensor) -> torch.Tensor:
    """0/0 at ε = 0 means that nothing is attended to."""
    return torch.where(denominator == 0, torch.ones_like(denominator), denominator)
