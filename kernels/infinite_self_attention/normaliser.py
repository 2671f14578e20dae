"""The one number per head that divides the affinities, shared by torch and Triton."""

from __future__ import annotations

import torch


def normaliser(squares: torch.Tensor, epsilon: float) -> tuple[torch.Tensor, torch.Tensor]:
    """``‖A0‖_F`` and ``‖A0‖_F + ε`` from the row sums of ``A0 ∘ A0``.

    Args:
        squares: [B, H, N].

    Returns:
        Two tensors [B, H, 1, 1]. Without any affinity and with ε = 0 the second is 1: 0/0 would be
        NaN, and no attention at all is the limit ε → 0.
    """
    norm = squares.sum(-1).sqrt()[..., None, None]
    denominator = norm + epsilon
    return norm, torch.where(denominator == 0, torch.ones_like(denominator), denominator)
