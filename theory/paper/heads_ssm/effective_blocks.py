"""The matrices by which one token acts on another, read off a linear sequence map."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational_array


def effective_blocks(
    sequence_map: Callable[[np.ndarray], np.ndarray], length: int, width: int
) -> np.ndarray:
    """``W_ij`` with ``y_i = Σ_j W_ij x_j``, by feeding every unit input.

    Args:
        sequence_map: linear, (n, d) → (n, p).

    Returns:
        Shape (n, n, p, d).
    """
    columns = {}
    for j, k in np.ndindex(length, width):
        unit = rational_array(np.zeros((length, width), dtype=int))
        unit[j, k] = unit[j, k] + 1
        columns[j, k] = sequence_map(unit)
    return np.stack(
        [np.stack([columns[j, k] for k in range(width)], axis=-1) for j in range(length)], axis=1
    )


def interaction_rank(blocks: np.ndarray) -> int:
    """``dim span{W_ij}``, blocks of shape (n, n, p, d), rational."""
    length = blocks.shape[0]
    return rank(blocks.reshape(length * length, -1))


def semiseparable_rank(mixing: np.ndarray) -> int:
    """``max_i rank (F_kj)_{k ≥ i ≥ j}`` of a causal matrix F, shape (n, n), rational."""
    return max(rank(mixing[i:, : i + 1]) for i in range(len(mixing)))
