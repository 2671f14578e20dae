"""Hilbert's projective metric on positive vectors, and the projective diameter of a matrix."""

from __future__ import annotations

import numpy as np


def spread(left: np.ndarray, right: np.ndarray) -> tuple:
    """``(max_i x_i/y_i, min_i x_i/y_i)``, whose quotient is ``e^{d_H(x, y)}``.

    Given as a pair, so that a vanishing entry of x (infinite distance) needs no division.

    Args:
        left: ``x ≥ 0``, shape (n,), rationals.
        right: ``y > 0``, shape (n,), rationals.

    Source: Birkhoff 1957; Bushell 1973, Hilbert's metric and positive contraction mappings.
    """
    ratios = left / right
    return max(ratios), min(ratios)


def largest_cross_ratio(matrix: np.ndarray):
    """``e^Δ = max_{ijkl} a_ik a_jl / (a_jk a_il)``: Δ is the projective diameter of the image.

    The same for a matrix and its transpose.

    Args:
        matrix: positive, shape (m, n), any ordered field.

    Raises:
        ZeroDivisionError: an entry is zero; Δ is infinite.
    """
    rows, columns = matrix.shape
    return max(
        matrix[i, k] * matrix[j, l] / (matrix[j, k] * matrix[i, l])
        for i in range(rows)
        for j in range(rows)
        for k in range(columns)
        for l in range(columns)  # noqa: E741 (the index in the formula)
    )
