"""Whether a symmetric rational matrix is positive definite, by its exact LDLᵀ pivots."""

from __future__ import annotations

import numpy as np

from .rational import rational_array


def pivots(matrix) -> list:
    """The pivots ``d_1, d_2, …`` of ``M = L diag(d) Lᵀ`` with unit lower triangular ``L``, up to
    and including the first that is not positive.

    Args:
        matrix: shape (n, n), symmetric; integers, fractions or FLINT rationals, no floats.

    Raises:
        ValueError: the matrix is not symmetric.
    """
    rest = rational_array(np.asarray(matrix, dtype=object))
    if not (rest == rest.T).all():
        raise ValueError("the matrix is not symmetric: LDLᵀ needs M = Mᵀ")
    found = []
    while rest.size:
        found.append(rest[0, 0])
        if not rest[0, 0] > 0:
            break
        rest = rest[1:, 1:] - rest[1:, :1] @ rest[:1, 1:] / rest[0, 0]
    return found


def positive_definite(matrix) -> bool:
    """``xᵀMx > 0`` for every ``x ≠ 0``: all pivots of LDLᵀ are positive (Sylvester)."""
    found = pivots(matrix)
    return len(found) == len(matrix) and all(pivot > 0 for pivot in found)
