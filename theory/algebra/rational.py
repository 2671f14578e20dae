"""The rationals, through FLINT."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpz


def rational(value: int | str | Fraction | fmpq | fmpz) -> fmpq:
    """``value`` as a FLINT rational; strings like ``"3/4"``, never a float.

    Raises:
        TypeError: a float, whose exact value is rarely the number that was meant.
    """
    if isinstance(value, fmpq):
        return value
    if isinstance(value, float | np.floating):
        raise TypeError(f"{value!r} is a float: write the fraction that is meant, as in '19/20'")
    if isinstance(value, str):
        value = Fraction(value)
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
    return fmpq(int(value))


def rational_array(values: Iterable) -> np.ndarray:
    """An object array of FLINT rationals from nested lists (or arrays) of exact numbers."""
    source = np.array(values, dtype=object)
    result = np.empty(source.shape, dtype=object)
    for index, entry in np.ndenumerate(source):
        result[index] = rational(entry)
    return result


def to_float(array: np.ndarray) -> np.ndarray:
    """The nearest float64 of every rational."""
    source = np.asarray(array, dtype=object)
    return np.array([float(Fraction(int(entry.p), int(entry.q))) for entry in source.flat]).reshape(
        source.shape
    )
