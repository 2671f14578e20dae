"""Linear infinite self-attention: one pooled query scores every key."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.elementwise import maximum, square_root
from attnproof.theory.algebra.matrix import ones_like


def pooled_query(query: np.ndarray, epsilon=0) -> np.ndarray:
    """``q̄ = Σ_i w_i q_i`` with ``w_i = ‖q_i‖ / (Σ_l ‖q_l‖ + ε√d)``, shape (d,).

    The released code scales q by ``d^{-1/2}`` before it takes norms and adds ε to the sum of the
    scaled norms; multiplied by ``√d``, that is the denominator here. With ``ε = 0`` no root of d
    is taken, so that rational inputs stay rational.
    """
    norms = square_root((query * query).sum(axis=1))
    total = norms.sum()
    if epsilon != 0:
        total = total + epsilon * square_root(total * 0 + query.shape[-1])
    return (norms / total) @ query


def key_scores(query: np.ndarray, key: np.ndarray, epsilon=0) -> np.ndarray:
    """``a_j = [q̄·k_j / d]_+ / (Σ_l [q̄·k_l / d]_+ + ε)``, shape (N,).

    Both ``q`` and ``k`` carry a factor ``d^{-1/2}`` in the released code, hence the ``1/d``.
    """
    width = query.shape[-1]
    rectified = maximum(key @ pooled_query(query, epsilon) / width)
    return rectified / (rectified.sum() + epsilon)


def linear_infinite_self_attention(
    query: np.ndarray, key: np.ndarray, value: np.ndarray, gamma, epsilon=0
) -> np.ndarray:
    """``y_i = γ Σ_j a_j v_j`` for every i: the operator matrix is ``γ 1 aᵀ``.

    Args:
        query, key: shape (N, d).
        value: shape (N, d_v).
        gamma: ``γ ∈ [0, 1)``.
        epsilon: ``ε ≥ 0``, added to both sums.

    Returns:
        Shape (N, d_v), all rows equal.

    Source: arXiv:2603.00175v2, "linear" variant, with the placement of ε of the released code.
    """
    row = gamma * (key_scores(query, key, epsilon) @ value)
    return np.outer(ones_like(query), row)
