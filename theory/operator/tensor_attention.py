"""Tensor attention: every query attends to tuples of tokens, one from each key matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

from attnproof.theory.algebra.elementwise import exponential


def row_khatri_rao(*factors: np.ndarray) -> np.ndarray:
    """``(X_1 ⊘ … ⊘ X_q)_{(j_1, …, j_q), l} = Π_m (X_m)_{j_m l}``.

    The row of the tuple ``(j_1, …, j_q)`` is the entrywise product of the rows ``j_m`` of the
    ``X_m``; tuples are in lexicographic order, the last index running fastest.

    Args:
        factors: shapes (n_m, d), one common width d.

    Returns:
        Shape (n_1 ⋯ n_q, d).

    Source: Alman and Song, arXiv:2310.04064, the column-wise Kronecker product.
    """

    def pair(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return (left[:, None, :] * right[None, :, :]).reshape(-1, left.shape[1])

    return reduce(pair, factors)


def tensor_attention(
    query: np.ndarray,
    keys: Sequence[np.ndarray],
    values: Sequence[np.ndarray],
    *,
    scale,
    power: Callable[[np.ndarray], np.ndarray] = exponential,
) -> np.ndarray:
    """``D^{-1} A (V_1 ⊘ … ⊘ V_q)``, ``A = exp(scale · Q (K_1 ⊘ … ⊘ K_q)ᵀ)``, ``D = diag(A 1)``.

    Order k = q + 1; q = 1 is softmax attention. Time and memory n^k.

    Args:
        query: shape (n, d).
        keys: q arrays of shape (n_m, d).
        values: q arrays of shape (n_m, e).
        scale: ``1/d`` in the source.
        power: entrywise; any function p gives D^{-1} p(·) (V_1 ⊘ …) with D its row sums.

    Returns:
        Shape (n, e).

    Source: Alman and Song, arXiv:2310.04064, the definition of tensor attention.
    """
    weights = power(scale * (query @ row_khatri_rao(*keys).T))
    return (weights @ row_khatri_rao(*values)) / weights.sum(axis=1)[:, None]
