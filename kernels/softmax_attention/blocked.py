"""Softmax attention in torch: tiles of scores, rescaled as a larger score appears."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence

State = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def partial_softmax(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, scale: float, block: int
) -> State:
    """Row maxima m, ``l = Σ e^{s−m}`` and ``a = Σ e^{s−m} v`` over the given keys, tile by tile.

    Args:
        query: [B, H, M, d], in what sums are held in; key: [B, H, N, d]; value: [B, H, N, e].

    Returns:
        [B, H, M, 1], [B, H, M, 1] and [B, H, M, e].
    """
    held = query.dtype
    largest = query.new_full((*query.shape[:-1], 1), -torch.inf)
    total = torch.zeros_like(largest)
    summed = query.new_zeros(*query.shape[:-1], value.shape[-1])
    for left in range(0, key.shape[2], block):
        k = key[..., left : left + block, :].to(held)
        scores = scale * (query @ k.transpose(-1, -2))
        new = torch.maximum(largest, scores.amax(-1, keepdim=True))
        factor, weights = torch.exp(largest - new), torch.exp(scores - new)
        total = total * factor + weights.sum(-1, keepdim=True)
        summed = summed * factor + weights @ value[..., left : left + block, :].to(held)
        largest = new
    return largest, total, summed


def softmax_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    block: int = 128,
) -> torch.Tensor:
    """``y_i = Σ_j softmax_j(scale · q_iᵀk_j) v_j``, never N × N numbers at once.

    Args:
        query, key: [B, H, N, d]; value: [B, H, N, e]; one dtype.
        scale: of the logits, usually ``1/√d``.
        block: rows and columns of a tile.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2205.14135, Algorithm 1; `theory.operator.softmax_attention`.
    """
    examine_recurrence(query, key, value, {})
    examine_block(block, power_of_two=False)
    held = accumulator(query.dtype)
    outputs = []
    for top in range(0, query.shape[2], block):
        q = query[..., top : top + block, :].to(held)
        _, total, summed = partial_softmax(q, key, value, scale, block)
        outputs.append(summed / total)
    return torch.cat(outputs, -2).to(query.dtype)
