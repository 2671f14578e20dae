"""Rational functions in named variables: an equality here holds for all values of the entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpz


class RationalFunction:
    """An element of ℚ(x, y, …) in canonical form, so that ``==`` decides identity.

    Arithmetic is sympy's dense field of fractions over FLINT integers; this class only lets it
    meet NumPy arrays, integers and FLINT rationals.
    """

    __slots__ = ("element",)

    def __init__(self, element):
        self.element = element

    def _lift(self, other):
        if isinstance(other, RationalFunction):
            return other.element
        if isinstance(other, int | np.integer | fmpz):
            return self.element.field(int(other))
        if isinstance(other, Fraction):
            return self.element.field(other.numerator) / other.denominator
        if isinstance(other, fmpq):
            return self.element.field(int(other.p)) / int(other.q)
        return None

    def _combine(self, other, operation):
        lifted = self._lift(other)
        return NotImplemented if lifted is None else RationalFunction(operation(lifted))

    def __add__(self, other):
        return self._combine(other, lambda right: self.element + right)

    __radd__ = __add__

    def __sub__(self, other):
        return self._combine(other, lambda right: self.element - right)

    def __rsub__(self, other):
        return self._combine(other, lambda left: left - self.element)

    def __mul__(self, other):
        return self._combine(other, lambda right: self.element * right)

    __rmul__ = __mul__

    def __truediv__(self, other):
        return self._combine(other, lambda right: self.element / right)

    def __rtruediv__(self, other):
        return self._combine(other, lambda left: left / self.element)

    def __neg__(self):
        return RationalFunction(-self.element)

    def __pow__(self, exponent: int):
        return RationalFunction(self.element**exponent)

    def __eq__(self, other):
        lifted = self._lift(other)
        return NotImplemented if lifted is None else self.element == lifted

    __hash__ = None  # type: ignore[assignment]

    def maximum(self, floor: int):
        """Refused: a rational function has no sign."""
        from .elementwise import NoSuchOperation

        raise NoSuchOperation(
            f"max({self}, {floor}) of a rational function: state on which sign region the "
            "identity is meant and drop the rectifier there"
        )

    @property
    def is_zero(self) -> bool:
        """Whether the function vanishes identically."""
        return not self.element

    def derivative(self, variable: RationalFunction) -> RationalFunction:
        """``∂f/∂x``."""
        return RationalFunction(self.element.diff(variable.element))

    def substitute(self, values: Mapping[str, Fraction]) -> Fraction:
        """The value at a rational point, every variable by name.

        Raises:
            ZeroDivisionError: the point is a pole.
        """
        names = [str(symbol) for symbol in self.element.field.symbols]
        point = [Fraction(values[name]) for name in names]
        top, bottom = (_evaluate(part, point) for part in (self.element.numer, self.element.denom))
        return top / bottom

    def __str__(self) -> str:
        return str(self.element.as_expr())

    __repr__ = __str__


def variables(names: str | Sequence[str]) -> list[RationalFunction]:
    """Generators of ℚ(names), all of one field: ``a, b, g = variables("a b g")``."""
    from sympy import QQ
    from sympy.polys.fields import field

    wanted = names.split() if isinstance(names, str) else list(names)
    return [RationalFunction(generator) for generator in field(wanted, QQ)[1:]]


def generic_matrix(
    size: int, extra: str = "", letter: str = "a"
) -> tuple[np.ndarray, list[RationalFunction]]:
    """A ``size × size`` matrix of independent variables, and further variables of the same field.

    Returns:
        The object array with entries ``a11, a12, …`` and the list of variables named in ``extra``.
    """
    names = [f"{letter}{i + 1}{j + 1}" for i in range(size) for j in range(size)]
    generators = variables([*names, *extra.split()])
    matrix = np.empty((size, size), dtype=object)
    for position, index in enumerate(np.ndindex(size, size)):
        matrix[index] = generators[position]
    return matrix, generators[size * size :]


def inverse_over_functions(matrix: np.ndarray) -> np.ndarray:
    """``M^{-1}`` over the field of rational functions."""
    rows = _domain_matrix(matrix).inv().to_list()
    result = np.empty(matrix.shape, dtype=object)
    for i, j in np.ndindex(*matrix.shape):
        result[i, j] = RationalFunction(rows[i][j])
    return result


def determinant_over_functions(matrix: np.ndarray) -> RationalFunction:
    """``det M`` over the field of rational functions."""
    return RationalFunction(_domain_matrix(matrix).det())


def _domain_matrix(matrix: np.ndarray):
    from sympy.polys.matrices import DomainMatrix

    some = next(entry for entry in matrix.flat if isinstance(entry, RationalFunction))
    rows = [[some._lift(entry) for entry in row] for row in matrix]
    return DomainMatrix(rows, matrix.shape, some.element.field.to_domain())


def _evaluate(polynomial, point: list[Fraction]) -> Fraction:
    total = Fraction(0)
    for exponents, coefficient in polynomial.terms():
        term = Fraction(int(coefficient.numerator), int(coefficient.denominator))
        for value, exponent in zip(point, exponents, strict=True):
            term *= value**exponent
        total += term
    return total
