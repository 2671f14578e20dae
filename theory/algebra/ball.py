"""Real numbers enclosed by balls, through Arb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import numpy as np
from flint import arb, ctx, fmpq


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Work with ``bits`` bits of precision inside the block, and restore what was before."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def ball(value: int | str | float | Fraction | fmpq | arb) -> arb:
    """The tightest ball at the working precision around ``value``; floats are taken exactly."""
    if isinstance(value, arb):
        return value
    if isinstance(value, str):
        value = Fraction(value)
    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    if isinstance(value, np.generic):
        value = value.item()
    return arb(value)


def ball_array(values) -> np.ndarray:
    """An object array of balls from nested lists or arrays of exact numbers."""
    source = np.array(values, dtype=object)
    result = np.empty(source.shape, dtype=object)
    for index, entry in np.ndenumerate(source):
        result[index] = ball(entry)
    return result
