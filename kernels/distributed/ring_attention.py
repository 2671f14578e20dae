"""Ring attention: queries stay, keys and values travel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.distributed as distributed

from attnproof.theory.operator.attention_mask import Mask


def ring_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    positions: Sequence[np.ndarray],
    mask: Mask,
    scale: float = 1.0,
    base_two: bool = False,
) -> torch.Tensor:
    """``Y_I = softmax_M(scale · Q_I Kᵀ) V`` for the tokens I of this rank.

    Called on all ranks of the default process group. At every step a rank hands the keys and
    values it holds to the next rank and merges those of the previous one into the running maximum,
    denominator and numerator. Rows without a key get 0.

    Args:
        query: shape (c, h_q, d); key, value: shape (c, h_k, d), h_k a divisor of h_q.
        positions: positions of the tokens of every rank, c each, known to all.
        mask: true where a query position sees a key position.
        base_two: ``2^s`` instead of ``e^s``.

    Returns:
        Shape (c, h_q, d), the dtype of the arguments.

    Raises:
        ValueError: h_k does not divide h_q.
    """
    rank, ranks = distributed.get_rank(), distributed.get_world_size()
    state = empty_state(query)
    for step in range(ranks):
        owner = (rank - step) % ranks
        arriving = _pass_on(torch.stack([key, value]), rank, ranks) if step + 1 < ranks else None
        allowed = mask(positions[rank][:, None], positions[owner][None, :])
        block = block_state(query, key, value, torch.tensor(allowed), scale, base_two)
        state = merge(state, block, base_two)
        if arriving is not None:
            received, requests = arriving
            for request in requests:
                request.wait()
            key, value = received
    return output(state)


State = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def empty_state(query: torch.Tensor) -> State:
    """``(−∞, 0, 0)`` for every token and head: (c, h), (c, h) and (c, h, d)."""
    rows = query.new_zeros(query.shape[:2])
    return rows - torch.inf, rows, torch.zeros_like(query)


def block_state(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    allowed: torch.Tensor,
    scale: float,
    base_two: bool,
) -> State:
    """``(m, l, o)`` of the keys of one block; heads share keys in groups of h_q/h_k.

    Raises:
        ValueError: h_k does not divide h_q.
    """
    heads, key_heads = query.shape[1], key.shape[1]
    if heads % key_heads:
        raise ValueError(
            f"{heads} query heads cannot share {key_heads} key heads evenly: choose a divisor"
        )
    key, value = (x.repeat_interleave(heads // key_heads, dim=1) for x in (key, value))
    scores = scale * torch.einsum("ihd,jhd->ihj", query, key)
    scores = scores.masked_fill(~allowed[:, None, :], -torch.inf)
    maximum = scores.amax(dim=-1)
    weights = _power(scores - _finite(maximum)[..., None], base_two)
    return maximum, weights.sum(dim=-1), torch.einsum("ihj,jhd->ihd", weights, value)


def merge(first: State, second: State, base_two: bool) -> State:
    """``(M, b^{m_1−M} l_1 + b^{m_2−M} l_2, b^{m_1−M} o_1 + b^{m_2−M} o_2)``, M = max(m_1, m_2)."""
    maximum = torch.maximum(first[0], second[0])
    one, two = (_power(state[0] - _finite(maximum), base_two) for state in (first, second))
    return (
        maximum,
        one * first[1] + two * second[1],
        one[..., None] * first[2] + two[..., None] * second[2],
    )


def output(state: State) -> torch.Tensor:
    """``o / l``, and 0 where there was no key."""
    _, denominator, numerator = state
    empty = denominator == 0
    return torch.where(
        empty[..., None], 0.0, numerator / denominator.masked_fill(empty, 1)[..., None]
    )


def _finite(maximum: torch.Tensor) -> torch.Tensor:
    # −∞ − (−∞) is not a number; b^(−∞ − 0) is the 0 that an empty block is to have.
    return maximum.masked_fill(maximum == -torch.inf, 0.0)


def _power(exponent: torch.Tensor, base_two: bool) -> torch.Tensor:
    return torch.exp2(exponent) if base_two else torch.exp(exponent)


def _pass_on(block: torch.Tensor, rank: int, ranks: int):
    received = torch.empty_like(block)
    requests = distributed.batch_isend_irecv(
        [
            distributed.P2POp(distributed.isend, block, (rank + 1) % ranks),
            distributed.P2POp(distributed.irecv, received, (rank - 1) % ranks),
        ]
    )
    return received, requests
