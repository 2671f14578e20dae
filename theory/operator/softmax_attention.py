"""Softmax attention, with the base of the exponential left open."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.elementwise import exponential


def softmax_weights(
    scores: np.ndarray, power: Callable[[np.ndarray], np.ndarray] = exponential
) -> np.ndarray:
    """``W_ij = b^{s_ij} / Σ_l b^{s_il}``.

    Args:
        scores: shape (N, M).
        power: ``s ↦ b^s`` entrywise; ``e^s`` unless given. With integer scores and
            `power_of_two` the weights are exactly rational.

    Returns:
        Shape (N, M), rows sum to one.
    """
    weights = power(scores)
    return weights / weights.sum(axis=1)[:, None]


def power_of_two(scores: np.ndarray) -> np.ndarray:
    """``2^s`` for integer scores, exactly.

    Raises:
        ValueError: a score is not an integer.
    """
    from attnproof.theory.algebra.rational import rational

    result = np.empty(np.shape(scores), dtype=object)
    for index, score in np.ndenumerate(np.asarray(scores, dtype=object)):
        if score != int(score):
            raise ValueError(f"2^({score}) is not rational: scale the scores to integers")
        result[index] = rational(2) ** int(score)
    return result


def softmax_attention(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    *,
    scale=1,
    power: Callable[[np.ndarray], np.ndarray] = exponential,
) -> np.ndarray:
    """``Y = softmax(scale · Q Kᵀ) V``, rows of Q being queries.

    Args:
        query: shape (N, d); key: shape (M, d); value: shape (M, e).
        scale: factor of the logits, usually ``1/√d``.

    Returns:
        Shape (N, e).

    Source: Vaswani et al., arXiv:1706.03762v7, Eq. (1).
    """
    return softmax_weights(scale * (query @ key.T), power) @ value
