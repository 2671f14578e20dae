"""The projection onto a simple eigenvalue, without computing eigenvectors."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.matrix import determinant, identity_like, to_flint


def adjugate(matrix: np.ndarray) -> np.ndarray:
    """``adj(M)_ij = (−1)^{i+j} det(M without row j and column i)``, shape (n, n), n ≥ 2."""
    result = np.empty(matrix.shape, dtype=object)
    for i, j in np.ndindex(*matrix.shape):
        minor = np.delete(np.delete(matrix, j, axis=0), i, axis=1)
        result[i, j] = (-1) ** (i + j) * determinant(minor)
    return result


def spectral_projection(matrix: np.ndarray, root) -> np.ndarray:
    """``adj(ρI − A) / tr adj(ρI − A) = v uᵀ / (uᵀv)`` with ``Av = ρv`` and ``uᵀA = ρuᵀ``.

    The trace is the derivative of the characteristic polynomial at ρ, so that it vanishes exactly
    if ρ is not simple.

    Args:
        matrix: ``A``, shape (n, n), exact.
        root: ``ρ``, an eigenvalue.

    Raises:
        ZeroDivisionError: ρ is a multiple eigenvalue.

    Source: Horn and Johnson, Matrix Analysis, section 0.8.2.
    """
    adjoint = adjugate(root * identity_like(matrix) - matrix)
    return adjoint / adjoint.trace()


def multiplicity(matrix: np.ndarray, root) -> int:
    """Algebraic multiplicity of ``root`` as an eigenvalue of a rational matrix; 0 if it is none."""
    polynomial = to_flint(np.asarray(matrix, dtype=object)).charpoly()
    count = 0
    while polynomial.degree() >= 0 and polynomial(root) == 0:
        polynomial = polynomial.derivative()
        count += 1
    return count
