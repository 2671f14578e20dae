"""InLine attention in torch: the sums once, then tiles of rows."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.linear_attention.moments import moments


def inline_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *, block: int = 256
) -> torch.Tensor:
    """``y_i = q_iᵀ(KᵀV) + (1 − q_iᵀKᵀ1)(1ᵀV/N)``; the caller applies feature map and scale.

    Args:
        query, key: features, [B, H, N, d]; value: [B, H, N, e]; one dtype.
        block: tokens at a time.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2412.06590, Eq. (5); `theory.operator.inline_attention`.
    """
    examine_recurrence(query, key, value, {})
    examine_block(block, power_of_two=False)
    held = accumulator(query.dtype)
    state, keys, values = moments(key, value, block)
    mean = values / key.shape[2]
    outputs = []
    for start in range(0, query.shape[2], block):
        q = query[..., start : start + block, :].to(held)
        outputs.append(q @ state + (1 - q @ keys) * mean)
    return torch.cat(outputs, -2).to(query.dtype)
