"""Entrywise functions that every number system understands."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

import numpy as np
from flint import arb, fmpq, fmpz, nmod


class NoSuchOperation(TypeError):
    """A number system lacks an operation; the message says which one has it."""


def maximum(array: np.ndarray, floor: int = 0) -> np.ndarray:
    """``max(x, floor)`` entrywise; on balls the enclosure of it, also where the sign is open.

    Raises:
        NoSuchOperation: the number system has no order (prime field, rational functions).
    """
    return _apply(array, lambda x: _maximum(x, floor), lambda a: np.maximum(a, floor))


def square_root(array: np.ndarray) -> np.ndarray:
    """``√x`` entrywise.

    Raises:
        NoSuchOperation: a rational that is no square of a rational, or a system without roots.
    """
    return _apply(array, _square_root, np.sqrt)


def exponential(array: np.ndarray) -> np.ndarray:
    """``e^x`` entrywise.

    Raises:
        NoSuchOperation: the number system does not contain ``e^x``.
    """
    return _apply(array, _exponential, np.exp)


def hyperbolic_tangent(array: np.ndarray) -> np.ndarray:
    """``tanh x`` entrywise.

    Raises:
        NoSuchOperation: the number system does not contain ``tanh x``.
    """
    return _apply(array, _hyperbolic_tangent, np.tanh)


def absolute(array: np.ndarray) -> np.ndarray:
    """``|x|`` entrywise."""
    return _apply(array, abs, np.abs)


def _apply(array, on_element, on_floats):
    array = np.asarray(array)
    if array.dtype != object:
        return on_floats(array)
    result = np.empty(array.shape, dtype=object)
    for index, entry in np.ndenumerate(array):
        result[index] = on_element(entry)
    return result if array.shape else result[()]


def _maximum(x, floor):
    if isinstance(x, arb):
        return x.max(arb(floor))
    if isinstance(x, nmod):
        raise NoSuchOperation(
            "a prime field has no order, so max(x, 0) means nothing there: use rationals or balls"
        )
    if hasattr(x, "maximum"):
        return x.maximum(floor)
    return x if x >= floor else type(x)(floor)


def _square_root(x):
    if isinstance(x, arb):
        return x.sqrt()
    if hasattr(x, "square_root"):
        return x.square_root()
    if isinstance(x, float):
        return float(np.sqrt(x))
    if isinstance(x, int | Fraction | fmpq | fmpz):
        value = fmpq(x.numerator, x.denominator) if isinstance(x, Fraction) else fmpq(x)
        top, bottom = isqrt(int(value.p)) if value >= 0 else -1, isqrt(int(value.q))
        if top >= 0 and top * top == value.p and bottom * bottom == value.q:
            return fmpq(top, bottom)
        raise NoSuchOperation(
            f"√({value}) is not rational: choose inputs whose norms are (3, 4 → 5), or use balls"
        )
    raise NoSuchOperation(f"no square root for {type(x).__name__}: use balls or floats")


def _exponential(x):
    if isinstance(x, arb):
        return x.exp()
    if isinstance(x, float):
        return float(np.exp(x))
    if hasattr(x, "exponential"):
        return x.exponential()
    raise NoSuchOperation(
        f"e^x is not in the number system of {type(x).__name__}: use balls, or base 2 with "
        "integer exponents, which is rational"
    )


def _hyperbolic_tangent(x):
    if isinstance(x, arb):
        return x.tanh()
    if isinstance(x, float):
        return float(np.tanh(x))
    raise NoSuchOperation(
        f"tanh x is not in the number system of {type(x).__name__}: use balls, or multiples of "
        "log 2, where it is rational"
    )
