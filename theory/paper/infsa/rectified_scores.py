"""The scores of the linear variant before they are normalised."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.elementwise import maximum
from attnproof.theory.operator.linear_infinite_self_attention import pooled_query


def rectified_scores(query: np.ndarray, key: np.ndarray) -> np.ndarray:
    """``r_j = [q̄·k_j / d]_+``, shape (N,): the numerators of ``a_j = r_j / (Σ_l r_l + ε)``.

    With ε = 0 in the pooled query. They exist also where all of them vanish and ``a`` does not.

    Args:
        query: shape (N, d), not all rows zero.
        key: shape (N, d).

    Raises:
        ZeroDivisionError: every query is zero, in exact arithmetic.
    """
    return maximum(key @ pooled_query(query) / query.shape[-1])
