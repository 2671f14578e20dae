"""Softmax attention in Triton: the tiles of `causal_softmax_attention`, all of them."""

from __future__ import annotations

import torch

from attnproof.kernels.causal_softmax_attention.triton_kernel import tiled_attention


def softmax_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    block: int = 0,
) -> torch.Tensor:
    """``y_i = Σ_j softmax_j(scale · q_iᵀk_j) v_j``, forward only; see `tiled_attention`.

    Source: arXiv:2307.08691, Algorithm 1; `theory.operator.softmax_attention`.
    """
    return tiled_attention(query, key, value, scale=scale, block=block, causal=False)
