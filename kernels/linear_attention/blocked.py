"""Normalised linear attention in torch: the state once, then tiles of rows."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence

from .moments import moments


def linear_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *, block: int = 256
) -> torch.Tensor:
    """``y_i = q_iᵀ(KᵀV) / q_iᵀ(Kᵀ1)``; the caller applies the feature map.

    Args:
        query, key: features, [B, H, N, d]; value: [B, H, N, e]; one dtype.
        block: tokens at a time.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2006.16236, Eq. (5); `theory.operator.linear_attention`.
    """
    examine_recurrence(query, key, value, {})
    examine_block(block, power_of_two=False)
    held = accumulator(query.dtype)
    state, keys, _ = moments(key, value, block)
    outputs = []
    for start in range(0, query.shape[2], block):
        q = query[..., start : start + block, :].to(held)
        outputs.append((q @ state) / (q @ keys))
    return torch.cat(outputs, -2).to(query.dtype)
