"""InLine attention in Triton, with a gradient."""

from __future__ import annotations

import torch

from attnproof.kernels.linear_attention.triton_gradient import CENTRED, linear_form


def inline_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *, block: int = 0
) -> torch.Tensor:
    """``y_i = q_iᵀ(KᵀV) + (1 − q_iᵀKᵀ1)(1ᵀV/N)``; see `linear_form`.

    Source: arXiv:2412.06590, Eq. (5); `theory.operator.inline_attention`.
    """
    return linear_form(query, key, value, kind=CENTRED, block=block)
