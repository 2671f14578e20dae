"""The left Perron vector of a non-negative matrix: recognised exactly, or enclosed."""

from __future__ import annotations

import numpy as np
from flint import arb, fmpq

from attnproof.theory.algebra.ball import ball
from attnproof.theory.algebra.matrix import from_flint, to_flint
from attnproof.theory.algebra.spectral_radius import spectral_radius_below_one


def is_left_perron_vector(matrix: np.ndarray, vector: np.ndarray, root) -> bool:
    """``uᵀA = ρuᵀ``, ``u ≥ 0``, and every other eigenvalue is smaller than ρ in modulus.

    Subtracting ``ρ u uᵀ/(uᵀu)`` replaces the eigenvalue ρ by 0 and leaves the others (Wielandt
    deflation), so that the last condition is decided by a spectral radius.

    Args:
        matrix: ``A``, shape (n, n), rationals.
        vector: ``u``, shape (n,), rationals.
        root: ``ρ > 0``.
    """
    if any(entry < 0 for entry in vector) or not any(vector) or not root > 0:
        return False
    if (matrix.T @ vector != root * vector).any():
        return False
    deflated = matrix - root * np.outer(vector, vector) / (vector @ vector)
    return spectral_radius_below_one(deflated / root)


def left_perron_enclosure(matrix: np.ndarray, squarings: int = 5) -> np.ndarray:
    """Balls around the left Perron vector ``u`` of a positive matrix, scaled to ``u_1 = 1``.

    ``u`` is a positive combination of the columns of ``(Aᵀ)^m``, so ``u_i/u_1`` lies between the
    least and the largest of the columns' quotients, for every m; here ``m = 2^squarings``, and
    the powers are exact.

    Args:
        matrix: ``A > 0``, shape (n, n), rationals.

    Source: Seneta, Non-negative Matrices and Markov Chains, section 3.1 (ratio limits).
    """
    power = to_flint(matrix.T)
    for _ in range(squarings):
        power = power * power
    columns = from_flint(power)
    return np.array(
        [_between(row / columns[0]) for row in columns],
        dtype=object,
    )


def _between(quotients: np.ndarray) -> arb:
    low, high = min(quotients), max(quotients)
    middle, radius = (low + high) / 2, (high - low) / 2
    return ball(fmpq(middle)) + arb(0, _upper(radius))


def _upper(radius: fmpq) -> arb:
    enclosed = arb(radius)
    return enclosed.upper()
