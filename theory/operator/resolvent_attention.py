"""Infinite self-attention, all hops."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.matrix import identity_like

from .fundamental_matrix import fundamental_matrix
from .infinite_self_attention import affinity, frobenius_normalised


def resolvent_attention(
    query: np.ndarray, key: np.ndarray, value: np.ndarray, gamma, epsilon=0
) -> np.ndarray:
    """``S_∞ = Σ_{t≥1} γ^t Â^t V = ((I − γÂ)^{-1} − I) V`` with ``Â`` of the pure variant.

    Args:
        query, key: shape (N, d).
        value: shape (N, d_v).
        gamma: ``γ ∈ [0, 1)``; ``‖Â‖_F ≤ 1`` then makes the series converge.
        epsilon: ``ε ≥ 0``.

    Returns:
        Shape (N, d_v).

    Source: arXiv:2603.00175v2, the limit of the accumulation in the released documentation.
    """
    normalised = frobenius_normalised(affinity(query, key), epsilon)
    reached = fundamental_matrix(normalised, gamma) - identity_like(normalised)
    return reached @ value
