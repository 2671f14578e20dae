"""Formulas of the released package against the definitions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from flint import arb

from attnproof.theory.algebra.ball import precision
from attnproof.theory.core import check, counterexample, exact, note, refute_unless
from attnproof.theory.operator.superlinear_attention import integer_root
from attnproof.theory.paper.superlinear.released_code import (
    POWERS_BY_LOGARITHM,
    POWERS_BY_ROOTS,
    RELEASED_WINDOW,
)


def _floor_of_power(base: int, exponent: Fraction) -> int:
    """``⌊base^{r/s}⌋``, the s-th root of an integer."""
    return integer_root(base**exponent.numerator, exponent.denominator)


@check(
    RELEASED_WINDOW,
    establishes=counterexample(over="the model card's p = 11/20, w = 65", by="integer roots"),
    claimed=dict(inverse=Fraction(20, 11)),
    controls={"three steps": dict(inverse=Fraction(3)), "p = 2/3": dict(inverse=Fraction(3, 2))},
    repairs={"p = 1/2": dict(inverse=Fraction(2))},
)
def windows_of_mask_and_search(inverse) -> None:
    """At w = 65, and at w = 1 and 10."""
    for w in (65, 1, 10):
        mask, search = (w + 1) ** 2 - 1, _floor_of_power(w + 1, inverse) - 1
        refute_unless(
            mask == search,
            "the windows have two lengths",
            w=w,
            inverse_exponent=inverse,
            mask=mask,
            search=search,
        )


def _nearest(value: arb) -> np.float32:
    """The float32 next to an enclosure that leaves no doubt about it."""
    low, high = (np.float32(float(end)) for end in (value.lower(), value.upper()))
    if low != high:
        raise ArithmeticError(f"{value} may round to {low} or to {high}: use more bits")
    return low


def _by_logarithm(base: int, exponent: Fraction) -> int:
    logarithm = _nearest(arb(base).log())
    inverse = np.float32(float(exponent))
    product = _nearest(arb(float(inverse)) * arb(float(logarithm)))
    return int(np.floor(_nearest(arb(float(product)).exp())))


@check(
    POWERS_BY_LOGARITHM,
    establishes=counterexample(over="i ≤ 8000 with c = 3/2 and c = 20/11", by="ball arithmetic"),
    claimed=dict(power=_by_logarithm, exponent=Fraction(3, 2)),
    controls={"the model card's exponent": dict(exponent=Fraction(20, 11))},
    repairs={"in integers": dict(power=_floor_of_power)},
)
def powers_of_all_indices(power, exponent) -> None:
    """Compared by the definition of the floor: ``n^s ≤ i^r < (n + 1)^s``."""
    r, s = exponent.numerator, exponent.denominator
    wrong = []
    with precision(128):
        for i in range(1, 8001):
            found = power(i, exponent)
            if not found**s <= i**r < (found + 1) ** s:
                wrong.append((i, found))
    note(wrong_of_8000=len(wrong))
    refute_unless(
        not wrong,
        "the power is another number",
        first=wrong[0][0] if wrong else 0,
        found=wrong[0][1] if wrong else 0,
        exponent=exponent,
        wrong=len(wrong),
    )


@check(
    POWERS_BY_ROOTS,
    establishes=exact(bound="i ≤ 3000, c = 3/2, 20/11, 5/3, 2, 3", by="integers"),
    claimed=dict(power=_floor_of_power),
    controls={
        "one more": dict(power=lambda base, exponent: _floor_of_power(base, exponent) + 1),
        "double precision": dict(power=lambda base, exponent: int(base ** float(exponent))),
    },
)
def roots_of_powers(power) -> None:
    """``n^s ≤ i^r < (n + 1)^s`` for the definition's own integer root."""
    for exponent in map(Fraction, ("3/2", "20/11", "5/3", "2", "3")):
        r, s = exponent.numerator, exponent.denominator
        for i in range(1, 3001):
            found = power(i, exponent)
            refute_unless(
                found**s <= i**r < (found + 1) ** s,
                "not the largest such number",
                i=i,
                exponent=exponent,
                found=found,
            )
