"""Masked softmax attention in torch: tiles of scores, rescaled as a larger score appears."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence

from .pairs import pairs


def masked_softmax_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor,
    *,
    scale: float,
    block: int = 128,
) -> torch.Tensor:
    """``y_i = Σ_{j: M_ij} softmax_j(scale · q_iᵀk_j) v_j``; 0 for a row that sees no key.

    Besides the mask itself never N × N numbers at once.

    Args:
        query, key: [B, H, N, d]; value: [B, H, N, e]; one dtype.
        mask: 0 or 1, or booleans; any of its four axes [B, H, N, N] may have size 1, see `pairs`.
        scale: of the logits, usually ``1/√d``.
        block: rows and columns of a tile.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd but for the mask;
        the gradient of a row that sees no key is 0.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence`, `arguments.examine_block` and
            `pairs.pairs`.

    Source: arXiv:2205.14135, Algorithm 1; `theory.operator.masked_softmax_attention`.
    """
    examine_recurrence(query, key, value, {})
    examine_block(block, power_of_two=False)
    seen = pairs(mask, query)
    held = accumulator(query.dtype)
    outputs = []
    for top in range(0, query.shape[2], block):
        q = query[..., top : top + block, :].to(held)
        largest = q.new_full((*q.shape[:-1], 1), -torch.inf)
        total = torch.zeros_like(largest)
        summed = q.new_zeros(*q.shape[:-1], value.shape[-1])
        for left in range(0, key.shape[2], block):
            scores = scale * (q @ key[..., left : left + block, :].to(held).transpose(-1, -2))
            hidden = ~seen[..., top : top + block, left : left + block]
            scores = scores.masked_fill(hidden, -torch.inf)
            # The result does not depend on what is subtracted: no gradient goes that way.
            new = torch.maximum(largest, scores.detach().amax(-1, keepdim=True))
            # A row that has seen no key yet: −∞ − (−∞) is no number, −∞ − 0 gives the weight 0.
            safe = new.masked_fill(new == -torch.inf, 0.0)
            factor, weights = torch.exp(largest - safe), torch.exp(scores - safe)
            total = total * factor + weights.sum(-1, keepdim=True)
            summed = summed * factor + weights @ value[..., left : left + block, :].to(held)
            largest = new
        # The largest weight of a row is e⁰ = 1: a total of 0 is that of a row without keys.
        outputs.append(summed / total.masked_fill(total == 0, 1.0))
    return torch.cat(outputs, -2).to(query.dtype)
