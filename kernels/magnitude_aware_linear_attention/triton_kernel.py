"""Magnitude-aware linear attention in Triton, with a gradient."""

from __future__ import annotations

import torch

from attnproof.kernels.linear_attention.triton_gradient import MAGNITUDE_AWARE, linear_form


def magnitude_aware_linear_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    epsilon: float = 0.0,
    block: int = 0,
) -> torch.Tensor:
    """``y_i = β_i q_iᵀ(KᵀV) − S_i(1ᵀV/N)``, ``S_i = q_iᵀKᵀ1``, ``β_i = 1 + 1/(S_i + ε)``; see
    `linear_form`.

    Source: arXiv:2507.00698; `theory.operator.magnitude_aware_linear_attention`.
    """
    return linear_form(query, key, value, kind=MAGNITUDE_AWARE, epsilon=epsilon, block=block)
