"""The least risk of a given number of heads with positional coefficients."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from flint import arb

from attnproof.theory.algebra.matrix import inverse, to_flint
from attnproof.theory.algebra.rational import rational, rational_array


def weighted_gram(lags: np.ndarray) -> np.ndarray:
    """``S = Σ_τ (n − τ) vec(M_τ) vec(M_τ)ᵀ``: a lag τ occurs n − τ times among j ≤ i.

    Args:
        lags: M, shape (n, p, d), in any number system.

    Returns:
        Shape (pd, pd).
    """
    rows = lags.reshape(len(lags), -1)
    weights = np.arange(len(lags), 0, -1)
    return rows.T @ (weights[:, None] * rows)


def risk(lags: np.ndarray, value_maps: np.ndarray, coefficients: np.ndarray) -> object:
    """``(1/n) Σ_{j ≤ i} ‖M_{i−j} − Σ_h f_h(i−j) V_h‖²``, Frobenius norms.

    Args:
        lags: M, shape (n, p, d); value_maps: V, shape (H, p, d).
        coefficients: f, shape (H, n).
    """
    length = len(lags)
    total = 0
    for lag in range(length):
        rest = lags[lag] - sum(
            (f * V for f, V in zip(coefficients[:, lag], value_maps, strict=True)), 0 * lags[lag]
        )
        total = total + (length - lag) * (rest * rest).sum()
    return total / length


def best_coefficients(lags: np.ndarray, value_maps: np.ndarray) -> np.ndarray:
    """The coefficients of least risk for independent value maps, shape (H, n): projections."""
    frame = value_maps.reshape(len(value_maps), -1)
    return inverse(frame @ frame.T) @ (frame @ lags.reshape(len(lags), -1).T)


def floors(lags: np.ndarray) -> list[arb]:
    """``(1/n) Σ_{r>H} λ_r`` for H = 0, …, pd, λ the eigenvalues of S in descending order.

    The eigenvalues are enclosed as the roots of the characteristic polynomial of a rational
    matrix, at the working precision.

    Raises:
        ValueError: two different eigenvalues cannot be put in order; use more bits.
    """
    found = to_flint(weighted_gram(lags)).charpoly().complex_roots()
    roots = sorted(((root.real, count) for root, count in found), key=lambda one: -one[0].mid())
    if any(not upper > lower for (upper, _), (lower, _) in pairwise(roots)):
        raise ValueError(f"{[root.str(6) for root, _ in roots]} cannot be put in order: more bits")
    eigenvalues = [root for root, count in roots for _ in range(count)]
    return [sum(eigenvalues[heads:], arb(0)) / len(lags) for heads in range(len(eigenvalues) + 1)]


def leading_value_maps(lags: np.ndarray, heads: int, denominator: int = 10**9) -> np.ndarray:
    """The ``heads`` leading eigenvectors of S as value maps, rounded to multiples of
    ``1/denominator``; shape (H, p, d)."""
    _, outputs, inputs = lags.shape
    gram = weighted_gram(lags)
    _, vectors = np.linalg.eigh(np.array([[float(x.p) / float(x.q) for x in row] for row in gram]))
    leading = vectors[:, ::-1][:, :heads].T
    rounded = [[rational(round(x * denominator)) / denominator for x in row] for row in leading]
    return rational_array(rounded).reshape(heads, outputs, inputs)
