"""InLine attention: normalised by a difference instead of a quotient, on features."""

from __future__ import annotations

import numpy as np


def inline_attention_weights(query_features: np.ndarray, key_features: np.ndarray) -> np.ndarray:
    """``W_ij = s_ij − (1/N) Σ_l s_il + 1/N`` with ``s_ij = φ(q_i)ᵀφ(k_j)``.

    Args:
        query_features: ``φ(Q)``, shape (M, D).
        key_features: ``φ(K)``, shape (N, D).

    Returns:
        Shape (M, N), rows sum to one.

    Source: arXiv:2412.06590, Eq. (5), as in the released code (github.com/LeapLabTHU/InLine,
    commit e463a6f), whose factor ``1/(N√d)`` of the scores is a factor of ``φ(Q)`` here.
    """
    count = key_features.shape[0]
    scores = query_features @ key_features.T
    return scores - (scores.sum(axis=1) / count)[:, None] + (scores * 0 + 1) / count


def inline_attention(
    query_features: np.ndarray, key_features: np.ndarray, value: np.ndarray
) -> np.ndarray:
    """``Y = φ(Q)(φ(K)ᵀV) + (1 − φ(Q)φ(K)ᵀ1)(1ᵀV/N)``, without the N × N matrix.

    Args:
        query_features: shape (M, D); key_features: shape (N, D); value: shape (N, e).

    Returns:
        Shape (M, e).

    Source: as for `inline_attention_weights`; the released code evaluates it in this order.
    """
    count = key_features.shape[0]
    state = key_features.T @ value
    rest = 1 - query_features @ key_features.sum(axis=0)
    return query_features @ state + np.outer(rest, value.sum(axis=0) / count)
