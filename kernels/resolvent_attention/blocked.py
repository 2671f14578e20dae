"""Infinite self-attention, all hops, on torch tiles."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine, examine_block
from attnproof.kernels.infinite_self_attention.blocked import affinity_times

from .neumann_sum import neumann_sum


def resolvent_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    gamma: float,
    epsilon: float = 1e-6,
    block: int = 256,
    tail: float | None = None,
) -> torch.Tensor:
    """``Σ_{t≥1} γ^t Â^t V``, truncated where the rest is at most ``tail · ‖V‖_F``.

    No N × N matrix is held; each hop costs one pass over the tiles.

    Args:
        query, key: [B, H, N, d]; value: [B, H, N, e], same dtype.
        tail: relative size of what the truncation may leave out; by default a quarter of the unit
            round-off of what sums are held in, 2^-26 in float32.

    Returns:
        [B, H, N, e] in the dtype of the inputs. Differentiable through autograd, hop by hop, which
        keeps every tile of every hop; the number of hops is taken as a constant.

    Raises:
        ValueError: see `arguments.examine` and `arguments.examine_block`.

    Source: arXiv:2603.00175v2; `theory.operator.resolvent_attention`.
    """
    examine(query, key, value, gamma, epsilon)
    examine_block(block, power_of_two=False)

    held = accumulator(query.dtype)
    wide = [x.to(held) for x in (query, key, value)]

    def apply(q: torch.Tensor, k: torch.Tensor, x: torch.Tensor):
        return affinity_times(q, k, x, block)

    total, _, _ = neumann_sum(apply, *wide, gamma, epsilon, tail)
    return total.to(query.dtype)
