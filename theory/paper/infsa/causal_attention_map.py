"""Attention maps with a causal mask: where the normaliser comes from decides what they see."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.elementwise import maximum, square_root
from attnproof.theory.operator.infinite_self_attention import affinity
from attnproof.theory.operator.linear_infinite_self_attention import pooled_query

Normaliser = Callable[[np.ndarray], np.ndarray]


def masked(matrix: np.ndarray) -> np.ndarray:
    """Entries ``(i, j)`` with ``j ≤ i``, zero elsewhere."""
    result = matrix.copy()
    for i, j in np.ndindex(*matrix.shape):
        if j > i:
            result[i, j] = matrix[i, j] * 0
    return result


def frobenius_norms(affinities: np.ndarray) -> np.ndarray:
    """``‖A‖_F`` for every row, shape (N,): the norm runs over later rows too."""
    return np.array([square_root((affinities * affinities).sum())] * len(affinities), dtype=object)


def running_frobenius_norms(affinities: np.ndarray) -> np.ndarray:
    """``‖A_{1..i,1..i}‖_F`` for row i, shape (N,): the norm of the leading block up to the row."""
    blocks = [affinities[: i + 1, : i + 1] for i in range(len(affinities))]
    return np.array([square_root((block * block).sum()) for block in blocks], dtype=object)


def row_norms(affinities: np.ndarray) -> np.ndarray:
    """``(Σ_j a_ij²)^{1/2}``, shape (N,)."""
    return square_root((affinities * affinities).sum(axis=1))


def row_sums(affinities: np.ndarray) -> np.ndarray:
    """``Σ_j a_ij``, shape (N,)."""
    return affinities.sum(axis=1)


def column_sums(affinities: np.ndarray) -> np.ndarray:
    """``Σ_i a_ij``, shape (N,): column j is summed over later rows too."""
    return affinities.sum(axis=0)


def causal_attention(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    gamma,
    normaliser: Normaliser = frobenius_norms,
    mask: Callable[[np.ndarray], np.ndarray] = masked,
) -> np.ndarray:
    """``y_i = γ Σ_{j≤i} a_ij v_j / ν_i`` with ``A = mask([Q Kᵀ / d]_+)`` and ``ν`` of ``A``.

    Args:
        query, key, value: shapes (N, d), (N, d), (N, d_v).
        normaliser: masked affinities → ν, shape (N,).
        mask: the identity for no mask.

    Raises:
        ZeroDivisionError: a normaliser is zero, in exact arithmetic.
    """
    affinities = mask(affinity(query, key))
    return gamma * (affinities / normaliser(affinities)[:, None]) @ value


def pooled_over_all(query: np.ndarray) -> np.ndarray:
    """``q̄`` of all queries for every row, shape (N, d)."""
    return np.array([pooled_query(query)] * len(query), dtype=object)


def pooled_over_prefix(query: np.ndarray) -> np.ndarray:
    """``q̄`` of the queries up to row i, shape (N, d)."""
    return np.array([pooled_query(query[: i + 1]) for i in range(len(query))], dtype=object)


def causal_linear_attention(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    gamma,
    pooled: Callable[[np.ndarray], np.ndarray] = pooled_over_all,
    mask: Callable[[np.ndarray], np.ndarray] = masked,
) -> np.ndarray:
    """``y_i = γ Σ_{j≤i} s_ij v_j / Σ_{j≤i} s_ij`` with ``s_ij = [q̄_i · k_j / d]_+``.

    Args:
        query, key, value: shapes (N, d), (N, d), (N, d_v).
        pooled: queries → the pooled query of every row.
        mask: the identity for no mask.

    Raises:
        ZeroDivisionError: a row has no positive score, in exact arithmetic.
    """
    scores = mask(maximum(pooled(query) @ key.T / query.shape[-1]))
    return gamma * (scores / scores.sum(axis=1)[:, None]) @ value
