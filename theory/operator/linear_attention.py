"""Normalised linear attention, on features."""

from __future__ import annotations

import numpy as np


def linear_attention_weights(query_features: np.ndarray, key_features: np.ndarray) -> np.ndarray:
    """``W_ij = φ(q_i)ᵀφ(k_j) / Σ_s φ(q_i)ᵀφ(k_s)``.

    Args:
        query_features: ``φ(Q)``, shape (M, D).
        key_features: ``φ(K)``, shape (N, D).

    Returns:
        Shape (M, N), rows sum to one.

    Raises:
        ZeroDivisionError: a denominator is zero; the weights are not defined there.

    Source: Katharopoulos et al., arXiv:2006.16236, Eq. (4), without mask.
    """
    scores = query_features @ key_features.T
    total = scores.sum(axis=1)
    if any(entry == 0 for entry in total):
        raise ZeroDivisionError(
            "the scores of a query sum to zero, so linear attention has no weights there"
        )
    return scores / total[:, None]
