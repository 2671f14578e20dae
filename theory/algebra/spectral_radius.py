"""Whether a rational matrix has spectral radius below one, decided exactly."""

from __future__ import annotations

import numpy as np
from flint import fmpq

from .matrix import to_flint
from .rational import rational_array


def spectral_radius_below_one(matrix) -> bool:
    """``ρ(A) < 1`` for a square rational matrix, by the Schur–Cohn recursion on ``det(zI − A)``.

    A real polynomial ``p(z) = a_0 + … + a_n z^n`` has all its zeros in the open unit disc exactly
    if ``|a_0| < |a_n|`` and ``(a_n p(z) − a_0 z^n p(1/z)) / z``, of degree n − 1, has.

    Args:
        matrix: shape (n, n), integers, fractions or FLINT rationals; no floats.

    Source: Schur 1918, Cohn 1922; e.g. Marden, Geometry of Polynomials, chapter X.
    """
    polynomial = to_flint(rational_array(np.asarray(matrix, dtype=object))).charpoly()
    coefficients = [fmpq(entry) for entry in polynomial.coeffs()]
    while len(coefficients) > 1:
        lowest, highest = coefficients[0], coefficients[-1]
        if abs(lowest) >= abs(highest):
            return False
        mirrored = coefficients[::-1]
        coefficients = [
            highest * entry - lowest * other
            for entry, other in zip(coefficients, mirrored, strict=True)
        ][1:]
    return True
