"""Degree bounds by running the definition: what Schwartz–Zippel needs to know."""

from __future__ import annotations

import numpy as np


class DegreeBound:
    """Total degrees (numerator, denominator) that bound a rational function.

    Sums bring fractions to a common denominator, products add degrees; cancellation is never
    assumed, so the bound holds whatever the functions are.
    """

    __slots__ = ("denominator", "numerator")

    def __init__(self, numerator: int, denominator: int = 0):
        self.numerator = numerator
        self.denominator = denominator

    def __add__(self, other: object) -> DegreeBound:
        if isinstance(other, np.ndarray):
            return NotImplemented
        other = _coerce(other)
        return DegreeBound(
            max(self.numerator + other.denominator, other.numerator + self.denominator),
            self.denominator + other.denominator,
        )

    __radd__ = __sub__ = __rsub__ = __add__

    def __mul__(self, other: object) -> DegreeBound:
        if isinstance(other, np.ndarray):
            return NotImplemented
        other = _coerce(other)
        return DegreeBound(self.numerator + other.numerator, self.denominator + other.denominator)

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> DegreeBound:
        if isinstance(other, np.ndarray):
            return NotImplemented
        other = _coerce(other)
        return DegreeBound(self.numerator + other.denominator, self.denominator + other.numerator)

    def __rtruediv__(self, other: object) -> DegreeBound:
        return _coerce(other) / self

    def __neg__(self) -> DegreeBound:
        return self

    def inverse_of_matrix(self, matrix: np.ndarray) -> np.ndarray:
        """Entries of ``M^{-1} = adj(M)/det(M)`` for an n × n matrix of polynomials of degree m:
        numerator (n − 1)m, denominator nm.

        Raises:
            ValueError: an entry has a denominator; clear it first.
        """
        size = matrix.shape[0]
        bounds = [_coerce(entry) for entry in matrix.flat]
        if any(bound.denominator for bound in bounds):
            raise ValueError(
                "a degree bound for the inverse needs polynomial entries: clear denominators first"
            )
        highest = max(bound.numerator for bound in bounds)
        result = np.empty(matrix.shape, dtype=object)
        result.fill(DegreeBound((size - 1) * highest, size * highest))
        return result

    def __repr__(self) -> str:
        return f"DegreeBound({self.numerator}, {self.denominator})"


def degree_array(*shape: int, degree: int = 1) -> np.ndarray:
    """An array of independent variables (degree 1), or of polynomials of ``degree``."""
    result = np.empty(shape, dtype=object)
    result.fill(DegreeBound(degree))
    return result


def largest_numerator(array: np.ndarray) -> int:
    """The degree that Schwartz–Zippel needs: of the numerator, over all entries."""
    return max(_coerce(entry).numerator for entry in np.asarray(array, dtype=object).flat)


def _coerce(value: object) -> DegreeBound:
    return value if isinstance(value, DegreeBound) else DegreeBound(0)
