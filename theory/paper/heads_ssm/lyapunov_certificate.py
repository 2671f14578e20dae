"""The quadratic form that certifies a decay rate."""

from __future__ import annotations

import numpy as np
from flint import fmpq_mat

from attnproof.theory.algebra.matrix import from_flint, identity_like, to_flint
from attnproof.theory.algebra.rational import rational, rational_array


def lyapunov_solution(matrix: np.ndarray, rate) -> np.ndarray | None:
    """The ``P`` with ``ρ²P − AᵀPA = I``, or ``None`` if there is no unique one.

    Args:
        matrix: A, shape (N, N), rational; rate: ρ, rational.

    Returns:
        Shape (N, N), exact. It is symmetric; it is positive definite exactly if the spectral
        radius of A is below ρ.

    Source: Lyapunov; e.g. Horn and Johnson, Topics in Matrix Analysis, section 2.2 (Stein).
    """
    size = matrix.shape[0]
    identity = identity_like(matrix)
    # vec(AᵀPA) = (Aᵀ ⊗ Aᵀ) vec(P), rows stacked.
    operator = rational(rate) ** 2 * np.kron(identity, identity) - np.kron(matrix.T, matrix.T)
    try:
        solution = to_flint(operator).solve(fmpq_mat(size * size, 1, list(identity.flat)))
    except ZeroDivisionError:
        return None
    return from_flint(solution).reshape(size, size)


def near_jordan() -> np.ndarray:
    """``((9/10, 10), (0, 9/10))``: stable, defective, and far from normal."""
    return rational_array([["9/10", 10], [0, "9/10"]])
