"""Masked softmax attention in Triton with a gradient: that of `causal_softmax_attention`, the mask
read tile by tile in every pass."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.causal_softmax_attention.triton_gradient import with_gradient
from attnproof.kernels.causal_softmax_attention.triton_kernel import tiled_state

from .triton_kernel import WARPS, bytes_of


def masked_softmax_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor,
    *,
    scale: float,
    block: int = 0,
) -> torch.Tensor:
    """``y_i = Σ_{j: M_ij} softmax_j(scale · q_iᵀk_j) v_j``, with a gradient; 0, and without
    gradient, for a row that sees no key.

    Besides the mask nothing N × N is held, and a mask with axes of size 1 is read where it lies. A
    mask of booleans is used as it is; one of numbers is checked, and copied to bytes.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e]; one dtype.
        mask: 0 or 1, or booleans; any of its four axes [B, H, N, N] may have size 1, see `pairs`.
        scale: of the logits, usually ``1/√d``.
        block: rows and columns of a tile of the forward pass, a power of two of at least 16; 0 for
            what suits the dtype.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Gradients are computed in float32 and rounded once;
        the mask has none.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence`, `arguments.examine_block` and
            `pairs.pairs`.

    Source: arXiv:2307.08691, Algorithms 1 and 2; `causal_softmax_attention.triton_gradient`;
    `theory.operator.masked_softmax_attention`.
    """
    examine_recurrence(query, key, value, {}, accepted=NARROW)

    def attend(query, key, value, mask, block):
        return tiled_state(
            query, key, value, mask, scale=scale, block=block, causal=False, warps=WARPS
        )

    return with_gradient(
        query, key, value, bytes_of(mask, query),
        attend=attend, scale=scale, causal=False, block=block,
    )  # fmt: skip
