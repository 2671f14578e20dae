"""Whether a symmetric rational matrix is positive semidefinite, with a vector that shows if not."""

from __future__ import annotations

import numpy as np

from .rational import rational, rational_array


def negative_direction(matrix) -> np.ndarray | None:
    """A vector x with ``xᵀMx < 0``, or None: then M is positive semidefinite.

    The elimination ``M = L D Lᵀ`` goes on past pivots that are zero: there the rest of the row
    has to vanish as well, since ``2c·m_ij + m_jj`` takes every value as c varies otherwise.

    Args:
        matrix: shape (n, n), symmetric; integers, fractions or FLINT rationals, no floats.

    Raises:
        ValueError: the matrix is not symmetric.
    """
    rest = rational_array(np.asarray(matrix, dtype=object))
    if rest.shape != rest.T.shape or not (rest == rest.T).all():
        raise ValueError("the matrix is not symmetric: xᵀMx decides only where M = Mᵀ")
    # rest[i, j] = b_iᵀ M b_j for the rows b of `basis`.
    basis = rational_array(np.eye(len(rest), dtype=int))
    while len(rest):
        pivot, row = rest[0, 0], rest[0, 1:]
        if pivot < 0:
            return basis[0]
        if pivot == 0:
            for j, entry in enumerate(row, start=1):
                if entry != 0:
                    factor = -(rest[j, j] + rational(1)) / (2 * entry)
                    return basis[j] + factor * basis[0]
            rest, basis = rest[1:, 1:], basis[1:]
        else:
            basis = basis[1:] - np.outer(row, basis[0]) / pivot
            rest = rest[1:, 1:] - np.outer(row, row) / pivot
    return None


def positive_semidefinite(matrix) -> bool:
    """``xᵀMx ≥ 0`` for every x."""
    return negative_direction(matrix) is None
