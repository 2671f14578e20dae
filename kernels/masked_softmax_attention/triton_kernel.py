"""Masked softmax attention in Triton: the tiles of `causal_softmax_attention`, the mask read with
them."""

from __future__ import annotations

import torch

from .pairs import pairs

# That share a tile: with four, the tile of the mask spills in bfloat16.
WARPS = 8


def bytes_of(mask: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
    """`pairs.pairs` as the kernels read it: a byte per pair, and strides of 0 where it is
    broadcast."""
    return pairs(mask, query).view(torch.uint8)
