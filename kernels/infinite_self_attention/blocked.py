"""Infinite self-attention in torch, one tile of the affinity at a time."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine, examine_block

from .normaliser import normaliser


def infinite_self_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    gamma: float,
    epsilon: float = 1e-6,
    block: int = 256,
) -> torch.Tensor:
    """``Y = γ A0 V / (‖A0‖_F + ε)`` with ``A0 = [Q Kᵀ / d]_+``.

    The normaliser is one number per head, so numerator and norm come from the same pass and the
    N × N affinity is never held: beyond input and output there are O(block²) numbers per tile, the
    numerator in the accumulator's dtype (twice while it is put together) and, for narrow inputs,
    copies of them. Under autograd every tile is kept for the backward pass, which is O(N²).

    Range: the sum of squared affinities must be a normal number of the accumulator, which for
    float32 means a largest affinity between about 1e-18 and 1e19/N; beyond it the norm becomes 0
    or infinite. All float16 inputs of ordinary width lie inside.

    Args:
        query, key: [B, H, N, d], any floating dtype; sums are held in float32 (float64 for
            float64 inputs).
        value: [B, H, N, e], same dtype.
        block: rows and columns of a tile.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd.

    Raises:
        ValueError: see `arguments.examine` and `arguments.examine_block`.

    Source: arXiv:2603.00175v2, "pure" variant; `theory.operator.infinite_self_attention`.
    """
    examine(query, key, value, gamma, epsilon)
    examine_block(block, power_of_two=False)
    numerator, squares = affinity_times(query, key, value, block)
    _, denominator = normaliser(squares, epsilon)
    return (gamma * numerator / denominator).to(query.dtype)


def affinity_times(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, block: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """``A0 V`` and the row sums of ``A0 ∘ A0``, both in the accumulator's dtype."""
    held = accumulator(query.dtype)
    query, key, value = query.to(held), key.to(held), value.to(held)
    width, length = query.shape[-1], query.shape[-2]
    products, squares = [], []
    for top in range(0, length, block):
        rows = query[..., top : top + block, :]
        product = rows.new_zeros(*rows.shape[:-1], value.shape[-1])
        square = rows.new_zeros(rows.shape[:-1])
        for left in range(0, length, block):
            tile = rows @ key[..., left : left + block, :].transpose(-1, -2) / width
            tile = torch.relu(tile)
            product = product + tile @ value[..., left : left + block, :]
            square = square + (tile * tile).sum(-1)
        products.append(product)
        squares.append(square)
    return torch.cat(products, -2), torch.cat(squares, -1)
