"""Identities between rational functions, decided by canonical form."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import count

import numpy as np

from attnproof.theory.algebra.rational_function import RationalFunction
from attnproof.theory.core import Refuted, refute_unless

from .version import used


def identical(left: object, right: object, message: str = "the two sides differ") -> None:
    """``left = right`` as rational functions, entry by entry: true for all values of the entries.

    Args:
        left, right: equally shaped arrays of `RationalFunction` (or numbers), or single ones.

    Raises:
        Refuted: with a rational point at which the sides differ, and both values there.
        ValueError: the shapes differ.
    """
    used("rational functions", "sympy")
    left, right = np.asarray(left, dtype=object), np.asarray(right, dtype=object)
    if left.shape != right.shape:
        raise ValueError(f"shapes {left.shape} and {right.shape} differ: compare equal shapes")
    for index, entry in np.ndenumerate(left):
        difference = entry - right[index]
        if isinstance(difference, RationalFunction) and not difference.is_zero:
            point = _point_off(difference)
            raise Refuted(
                message,
                {
                    **point,
                    "entry": list(index),
                    "left": _value(entry, point),
                    "right": _value(right[index], point),
                },
            )
        if not isinstance(difference, RationalFunction) and difference != 0:
            raise Refuted(message, {"entry": list(index), "left": entry, "right": right[index]})
    refute_unless(True, message, entries=int(left.size))


def _point_off(difference: RationalFunction) -> dict[str, Fraction]:
    names = [str(symbol) for symbol in difference.element.field.symbols]
    for point in _points(names):
        try:
            if difference.substitute(point):
                return point
        except ZeroDivisionError:
            continue
    raise AssertionError("unreachable: a non-zero rational function is non-zero somewhere")


def _points(names: list[str]) -> Iterator[dict[str, Fraction]]:
    """Small rational points, ever denser: a non-zero function cannot vanish on all of them."""
    generator = np.random.default_rng(0)
    for attempt in count(1):
        bound = 2 + attempt // 4
        yield {
            name: Fraction(int(generator.integers(-bound, bound + 1)), 1 + attempt // 8)
            for name in names
        }


def _value(entry: object, point: dict[str, Fraction]) -> object:
    if not isinstance(entry, RationalFunction):
        return entry
    try:
        return entry.substitute(point)
    except ZeroDivisionError:
        return "pole"
