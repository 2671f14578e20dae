"""Infinite self-attention, all hops, on the Triton kernel of one hop."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import NARROW, examine, examine_block
from attnproof.kernels.infinite_self_attention.triton_kernel import BLOCK, affinity_times

from .neumann_sum import neumann_sum


def resolvent_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    gamma: float,
    epsilon: float = 1e-6,
    block: int | None = None,
    tail: float = 2.0**-26,
) -> torch.Tensor:
    """``Σ_{t≥1} γ^t Â^t V``, truncated where the rest is at most ``tail · ‖V‖_F``.

    No N × N matrix is held; each hop costs one pass over the tiles.

    Args:
        query, key: [B, H, N, d]; value: [B, H, N, e], same dtype.
        tail: relative size of what the truncation may leave out.

    Raises:
        ValueError: see `arguments.examine` and `arguments.examine_block`.

    Source: arXiv:2603.00175v2; `theory.operator.resolvent_attention`.
    """
    examine(query, key, value, gamma, epsilon, accepted=NARROW)
    # The hops are held in float32, whatever the inputs are.
    block = BLOCK[torch.float32] if block is None else block
    examine_block(block, power_of_two=True)

    def apply(q: torch.Tensor, k: torch.Tensor, x: torch.Tensor):
        return affinity_times(q, k, x, block)

    return neumann_sum(apply, query, key, value, gamma, epsilon, tail)
