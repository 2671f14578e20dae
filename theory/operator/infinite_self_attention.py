"""Infinite self-attention, one hop (the "pure" variant)."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.elementwise import maximum, square_root


def affinity(query: np.ndarray, key: np.ndarray) -> np.ndarray:
    """``A0 = [Q Kᵀ / d]_+``.

    The logits are divided by ``d``, not by ``√d``: the released code scales both factors by
    ``d^{-1/2}``.

    Args:
        query, key: shape (N, d).

    Returns:
        Shape (N, N), entrywise non-negative.

    Source: arXiv:2603.00175v2 and the released package ``infsa``.
    """
    width = query.shape[-1]
    return maximum(query @ key.T / width)


def frobenius_norm(matrix: np.ndarray):
    """``‖A‖_F = √(Σ_ij a_ij²)``."""
    return square_root((matrix * matrix).sum())


def frobenius_normalised(matrix: np.ndarray, epsilon=0) -> np.ndarray:
    """``Â = A0 / (‖A0‖_F + ε)``.

    Raises:
        ZeroDivisionError: ``A0 = 0`` and ``ε = 0`` in exact arithmetic.
    """
    return matrix / (frobenius_norm(matrix) + epsilon)


def infinite_self_attention(
    query: np.ndarray, key: np.ndarray, value: np.ndarray, gamma, epsilon=0
) -> np.ndarray:
    """``Y = γ Â V`` with ``Â = A0/(‖A0‖_F + ε)`` and ``A0 = [Q Kᵀ / d]_+``.

    Args:
        query, key: shape (N, d).
        value: shape (N, d_v).
        gamma: the decay ``γ = ρ ∈ [0, 1)``.
        epsilon: ``ε ≥ 0``; the released default is 1e-6.

    Returns:
        Shape (N, d_v).

    Source: arXiv:2603.00175v2, "pure" variant.
    """
    return gamma * (frobenius_normalised(affinity(query, key), epsilon) @ value)
