"""Magnitude-aware linear attention in torch: the sums once, then tiles of rows."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence
from attnproof.kernels.linear_attention.moments import moments


def magnitude_aware_linear_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    epsilon: float = 0.0,
    block: int = 256,
) -> torch.Tensor:
    """``y_i = β_i q_iᵀ(KᵀV) − S_i(1ᵀV/N)``, ``S_i = q_iᵀKᵀ1``, ``β_i = 1 + 1/(S_i + ε)``.

    Args:
        query, key: positive features, [B, H, N, d]; value: [B, H, N, e]; one dtype.
        epsilon: ε ≥ 0.
        block: tokens at a time.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2507.00698; `theory.operator.magnitude_aware_linear_attention`.
    """
    examine_recurrence(query, key, value, {})
    examine_block(block, power_of_two=False)
    held = accumulator(query.dtype)
    state, keys, values = moments(key, value, block)
    mean = values / key.shape[2]
    outputs = []
    for start in range(0, query.shape[2], block):
        q = query[..., start : start + block, :].to(held)
        total = q @ keys
        outputs.append((1 + 1 / (total + epsilon)) * (q @ state) - total * mean)
    return torch.cat(outputs, -2).to(query.dtype)
