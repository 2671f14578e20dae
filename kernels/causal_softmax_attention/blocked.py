"""Causal softmax attention in torch: tiles of scores, rescaled as a larger score appears."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence


def causal_softmax_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    block: int = 128,
) -> torch.Tensor:
    """``y_t = Σ_{j≤t} softmax_j(scale · q_tᵀk_j) v_j``.

    Per tile with row maxima m, sums l and weighted values a: ``m' = max(m, max s)``, ``l' = l
    e^{m−m'} + Σ e^{s−m'}``, the same for a; the output is ``a/l``. Never N × N numbers at once.

    Args:
        query, key: [B, H, N, d]; value: [B, H, N, e]; one dtype.
        scale: of the logits, usually ``1/√d``.
        block: rows and columns of a tile.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2205.14135, Algorithm 1; `theory.operator.causal_softmax_attention`.
    """
    examine_recurrence(query, key, value, {})
    examine_block(block, power_of_two=False)
    held = accumulator(query.dtype)
    length = query.shape[-2]
    place = torch.arange(length, device=query.device)
    outputs = []
    for top in range(0, length, block):
        rows = slice(top, top + block)
        q = query[..., rows, :].to(held)
        largest = q.new_full((*q.shape[:-1], 1), -torch.inf)
        total = torch.zeros_like(largest)
        summed = q.new_zeros(*q.shape[:-1], value.shape[-1])
        for left in range(0, top + block, block):
            columns = slice(left, left + block)
            scores = scale * (q @ key[..., columns, :].to(held).transpose(-1, -2))
            future = place[None, columns] > place[rows, None]
            scores = scores.masked_fill(future, -torch.inf)
            # Every row has its own token in the last tile and all of the earlier tiles.
            new = torch.maximum(largest, scores.amax(-1, keepdim=True))
            factor, weights = torch.exp(largest - new), torch.exp(scores - new)
            total = total * factor + weights.sum(-1, keepdim=True)
            summed = summed * factor + weights @ value[..., columns, :].to(held)
            largest = new
        outputs.append(summed / total)
    return torch.cat(outputs, -2).to(query.dtype)
