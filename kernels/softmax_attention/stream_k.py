"""Softmax attention with the keys split unequally among workers, as Lean Attention decodes."""

from __future__ import annotations

import torch

from attnproof.kernels.arguments import accumulator, examine_block
from attnproof.kernels.arguments_of_recurrences import examine_recurrence

from .blocked import State, partial_softmax


def merge(one: State, other: State) -> State:
    """``m = max(m₁, m₂)``, ``l = l₁e^{m₁−m} + l₂e^{m₂−m}``, the same for a."""
    largest = torch.maximum(one[0], other[0])
    first, second = torch.exp(one[0] - largest), torch.exp(other[0] - largest)
    return largest, one[1] * first + other[1] * second, one[2] * first + other[2] * second


def ends(tiles: int, workers: int) -> list[int]:
    """Where each worker's share of the tiles ends: as equal as whole tiles allow."""
    return [(number + 1) * tiles // workers for number in range(workers)]


def softmax_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    scale: float,
    block: int = 16,
    workers: int = 5,
) -> torch.Tensor:
    """``y_i = Σ_j softmax_j(scale · q_iᵀk_j) v_j`` from one partial state per worker.

    The tiles of keys are dealt out in one contiguous stream, so that shares differ by at most one
    tile; partial states are merged from the last worker to the first, the order being free.

    Args:
        query, key: [B, H, N, d]; value: [B, H, N, e]; one dtype.
        scale: of the logits, usually ``1/√d``.
        block: keys of a tile; workers: how many shares.

    Raises:
        ValueError: see `arguments_of_recurrences.examine_recurrence` and `arguments.examine_block`.

    Source: arXiv:2405.10480, Algorithm 2; `theory.operator.online_softmax`.
    """
    examine_recurrence(query, key, value, {})
    examine_block(block, power_of_two=False)
    q = query.to(accumulator(query.dtype))
    tiles = -(-key.shape[2] // block)
    states, start = [], 0
    for end in ends(tiles, workers):
        if end > start:
            keys = slice(start * block, end * block)
            states.append(partial_softmax(q, key[..., keys, :], value[..., keys, :], scale, block))
        start = end
    state = states.pop()
    while states:
        state = merge(states.pop(), state)
    return (state[2] / state[1]).to(query.dtype)
