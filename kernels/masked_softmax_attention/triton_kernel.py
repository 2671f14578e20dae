"""Masked softmax attention in Triton: the tiles of `causal_softmax_attention`, the mask read with
them."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.causal_softmax_attention.triton_kernel import tiled_state

from .pairs import pairs

# That share a tile: with four, the tile of the mask spills in bfloat16.
WARPS = 8


def bytes_of(mask: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
    """`pairs.pairs` as the kernels read it: a byte per pair, and strides of 0 where it is
    broadcast."""
    return pairs(mask, query).view(torch.uint8)


def masked_softmax_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor,
    *,
    scale: float,
    block: int = 0,
) -> torch.Tensor:
    """``y_i = Σ_{j: M_ij} softmax_j(scale · q_iᵀk_j) v_j``; 0 for a row that sees no key; forward
    only. Arguments and errors: see `triton_gradient.masked_softmax_attention`.

    Source: arXiv:2307.08691, Algorithm 1; `theory.operator.masked_softmax_attention`.
    """
    examine_recurrence(query, key, value, {}, accepted=NARROW)
    seen = bytes_of(mask, query)
    output, _, _ = tiled_state(
        query, key, value, seen, scale=scale, block=block, causal=False, warps=WARPS
    )
    return output.to(value.dtype)
