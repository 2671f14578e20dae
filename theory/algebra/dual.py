"""Dual numbers: a value together with its derivative along one direction, both exact."""

from __future__ import annotations

import numpy as np
from flint import fmpq

from .elementwise import NoSuchOperation, square_root
from .matrix import inverse


class Dual:
    """``x + x'ε`` with ``ε² = 0``: value and derivative pass through a definition together.

    Running a definition on dual numbers differentiates it by the rules for sums, products,
    quotients, roots and maxima, in the number system of the parts; over the rationals there is
    neither a step size nor rounding. Where there is no derivative, there is an error.
    """

    __slots__ = ("derivative", "value")

    def __init__(self, value: object, derivative: object = 0):
        self.value = value
        self.derivative = derivative

    def __add__(self, other: object) -> Dual:
        if isinstance(other, np.ndarray):
            return NotImplemented
        other = _coerce(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.derivative)

    def __sub__(self, other: object) -> Dual:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self + -_coerce(other)

    def __rsub__(self, other: object) -> Dual:
        return _coerce(other) + -self

    def __mul__(self, other: object) -> Dual:
        if isinstance(other, np.ndarray):
            return NotImplemented
        other = _coerce(other)
        return Dual(
            self.value * other.value,
            self.derivative * other.value + self.value * other.derivative,
        )

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Dual:
        if isinstance(other, np.ndarray):
            return NotImplemented
        other = _coerce(other)
        quotient = fmpq(1) * self.value / other.value
        return Dual(quotient, (self.derivative - quotient * other.derivative) / other.value)

    def __rtruediv__(self, other: object) -> Dual:
        return _coerce(other) / self

    def maximum(self, floor: object) -> Dual:
        """``max(x, floor)``; its derivative is ``x'`` above the floor and 0 below.

        Raises:
            NoSuchOperation: the value is the floor and it moves, so that there is no derivative.
        """
        if self.value > floor:
            return self
        if self.value == floor and self.derivative != 0:
            raise NoSuchOperation(
                f"max(x, {floor}) has no derivative at x = {floor}: choose a point off the kink"
            )
        return Dual(fmpq(1) * floor, fmpq(0))

    def square_root(self) -> Dual:
        """``√x`` with derivative ``x'/(2√x)``.

        Raises:
            NoSuchOperation: the value has no root in its number system, or it is 0, where even
                a number that stands still to first order may have a kink: ``√(t²) = |t|``.
        """
        root = square_root(np.array(self.value, dtype=object))
        if root == 0:
            raise NoSuchOperation("√x has no derivative at x = 0: choose a point with x > 0")
        return Dual(root, self.derivative / (2 * root))

    @staticmethod
    def inverse_of_matrix(matrix: np.ndarray) -> np.ndarray:
        """``(A + A'ε)^{−1} = A^{−1} − A^{−1}A'A^{−1}ε``.

        Raises:
            ZeroDivisionError: ``A`` is singular.
        """
        inverted = inverse(_part(matrix, "value"))
        return dual_array(inverted, -inverted @ _part(matrix, "derivative") @ inverted)

    def __repr__(self) -> str:
        return f"Dual({self.value}, {self.derivative})"


def dual_array(values: np.ndarray, derivatives: np.ndarray) -> np.ndarray:
    """An object array that moves from ``values`` in the direction ``derivatives``.

    Raises:
        ValueError: the shapes differ.
    """
    values = np.asarray(values, dtype=object)
    derivatives = np.asarray(derivatives, dtype=object)
    if values.shape != derivatives.shape:
        raise ValueError(
            f"shapes {values.shape} and {derivatives.shape} differ: give a derivative per entry"
        )
    result = np.empty(values.shape, dtype=object)
    for index, value in np.ndenumerate(values):
        result[index] = Dual(value, derivatives[index])
    return result


def value_of(array: np.ndarray) -> np.ndarray:
    """The values; numbers that are not dual stand for themselves."""
    return _part(array, "value")


def derivative_of(array: np.ndarray) -> np.ndarray:
    """The derivatives; numbers that are not dual are constant, with derivative 0."""
    return _part(array, "derivative")


def detach(number: object) -> object:
    """The same value as a constant: what becomes of ``x`` when it is read out as a plain number."""
    return number.value if isinstance(number, Dual) else number


def _part(array: np.ndarray, name: str) -> np.ndarray:
    array = np.asarray(array, dtype=object)
    result = np.empty(array.shape, dtype=object)
    for index, entry in np.ndenumerate(array):
        result[index] = fmpq(1) * getattr(_coerce(entry), name)
    return result


def _coerce(value: object) -> Dual:
    return value if isinstance(value, Dual) else Dual(value)
