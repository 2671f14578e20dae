"""Magnitude-aware linear attention (MALA), on features."""

from __future__ import annotations

import numpy as np


def magnitude_aware_linear_attention_weights(
    query_features: np.ndarray, key_features: np.ndarray, epsilon=0
) -> np.ndarray:
    """``W_ij = β_i s_ij − γ_i`` with ``s_ij = φ(q_i)ᵀφ(k_j)``, ``S_i = Σ_l s_il``,
    ``β_i = 1 + 1/(S_i + ε)`` and ``γ_i = S_i/N``.

    Args:
        query_features: ``φ(Q)``, shape (M, D).
        key_features: ``φ(K)``, shape (N, D).
        epsilon: ``ε ≥ 0``; 1e-6 in the released code.

    Returns:
        Shape (M, N); rows sum to one where ``ε = 0``.

    Raises:
        ZeroDivisionError: ``S_i + ε = 0``; β is not defined there.

    Source: arXiv:2507.00698, β and γ as in the released code (github.com/qhfan/MALA, commit
    1b62d46), whose factor ``1/(N√d)`` of the scores is a factor of ``φ(Q)`` here. The rotation
    that the code applies to the features after S is left out.
    """
    scores = query_features @ key_features.T
    total = scores.sum(axis=1)
    if any(entry + epsilon == 0 for entry in total):
        raise ZeroDivisionError("the scores of a query sum to −ε, so that β is not defined")
    beta = 1 + 1 / (total + epsilon)
    gamma = total / key_features.shape[0]
    return beta[:, None] * scores - gamma[:, None]


def magnitude_aware_linear_attention(
    query_features: np.ndarray, key_features: np.ndarray, value: np.ndarray, epsilon=0
) -> np.ndarray:
    """``y_i = β_i φ(q_i)ᵀ(φ(K)ᵀV) − S_i (1ᵀV/N)``, without the N × N matrix.

    Args:
        query_features: shape (M, D); key_features: shape (N, D); value: shape (N, e).
        epsilon: as for `magnitude_aware_linear_attention_weights`.

    Returns:
        Shape (M, e).

    Source: as for the weights; the released code evaluates it in this order.
    """
    state = key_features.T @ value
    total = query_features @ key_features.sum(axis=0)
    beta = 1 + 1 / (total + epsilon if epsilon else total)
    mean_value = value.sum(axis=0) / key_features.shape[0]
    return beta[:, None] * (query_features @ state) - np.outer(total, mean_value)
