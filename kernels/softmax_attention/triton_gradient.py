"""Softmax attention in Triton with a gradient: that of the causal operator, without its mask."""

from __future__ import annotations

import torch

from attnproof.kernels.causal_softmax_attention.triton_gradient import with_gradient
from attnproof.kernels.causal_softmax_attention.triton_kernel import tiled_state


def softmax_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    block: int = 0,
) -> torch.Tensor:
    """``y_i = Σ_j softmax_j(scale · q_iᵀk_j) v_j``, with a gradient.

    Args:
        query, key: [B, H, N, d] in float32, float16 or bfloat16; value: [B, H, N, e]; one dtype.
        scale: of the logits, usually ``1/√d``.
        block: rows and columns of a tile of the forward pass, a power of two of at least 16; 0 for
            what suits the dtype.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Gradients are computed in float32 and rounded once.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2307.08691, Algorithms 1 and 2; `causal_softmax_attention.triton_gradient`;
    `theory.operator.softmax_attention`.
    """

    def attend(query, key, value, mask, block):
        return tiled_state(query, key, value, mask, scale=scale, block=block, causal=False)

    return with_gradient(query, key, value, attend=attend, scale=scale, causal=False, block=block)
