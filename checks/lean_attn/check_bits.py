"""The order of merging in floating point, bit by bit."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np

from attnproof.theory.core import check, counterexample, exact, refute_unless, sampled
from attnproof.theory.paper.lean_attn.merge import COMMUTATIVE_BITS, SAME_BITS, SAME_BITS_EXACT


def _merge(x, y, precision, base):
    """One number each for maximum, denominator and numerator, every operation rounded."""
    largest = max(x[0], y[0])
    one, two = (precision(base ** float(m - largest)) for m in (x[0], y[0]))
    return largest, one * x[1] + two * y[1], one * x[2] + two * y[2]


def _fractions(state) -> list[Fraction]:
    return [Fraction(float(entry)) for entry in state]


def _compare(states, precision, base) -> None:
    x, y, z = (tuple(precision(entry) for entry in state) for state in states)
    left = _merge(_merge(x, y, precision, base), z, precision, base)
    right = _merge(x, _merge(y, z, precision, base), precision, base)
    refute_unless(
        left == right,
        "the brackets differ in their bits",
        states=[_fractions(state) for state in (x, y, z)],
        left=_fractions(left),
        right=_fractions(right),
    )


# With equal maxima a merge is a rounded addition; half a last place is lost alone, not twice.
TENTHS = ((0, 0.1, 1.0), (0, 0.2, 1.0), (0, 0.3, 1.0))
LARGE_FIRST = ((0, 1.0, 1.0), (0, 2.0**-53, 1.0), (0, 2.0**-53, 1.0))
LARGE_FIRST_SINGLE = ((0, 1.0, 1.0), (0, 2.0**-24, 1.0), (0, 2.0**-24, 1.0))


@check(
    SAME_BITS,
    establishes=counterexample(over="three states with equal maxima", by="IEEE arithmetic"),
    claimed=dict(states=LARGE_FIRST, precision=np.float64),
    controls={
        "single precision": dict(states=LARGE_FIRST_SINGLE, precision=np.float32),
        "tenths": dict(states=TENTHS),
    },
    repairs={
        "sums that are not rounded": dict(states=((0, 1.0, 1.0), (0, 2.0, 1.0), (0, 4.0, 1.0))),
        "single-precision tails in doubles": dict(states=LARGE_FIRST_SINGLE),
    },
)
def brackets_in_bits(states, precision) -> None:
    """Powers are those of base 2 at exponent 0, exactly one: all differences are the additions'.
    The witness holds the exact values of the floating-point numbers."""
    _compare(states, precision, 2.0)


@check(
    SAME_BITS_EXACT,
    establishes=exact(
        bound="m ≤ 3, l, o ≤ 3, two precisions, all triples up to the order of the numerators",
        by="IEEE arithmetic, exhaustive",
    ),
    claimed=dict(base=2.0, entries=(1.0, 2.0, 3.0)),
    controls={
        "base e": dict(base=float(np.e)),
        "tenths": dict(entries=(0.1, 0.2, 0.3)),
    },
)
def nothing_is_rounded(base, entries) -> None:
    """Powers of two down to 1/8 and integers up to 27 need at most nine bits. Denominator and
    numerator follow the same arithmetic and do not meet, so that they are enumerated together:
    every value of l in every position stands beside a value of o."""
    for precision in (np.float64, np.float32):
        for maxima in product(range(4), repeat=3):
            for values in product(entries, repeat=3):
                states = [(m, n, n) for m, n in zip(maxima, values)]
                _compare(states, precision, base)


def rounded_products(a, x, b, y):
    """``fl(fl(ax) + fl(by))``."""
    return a * x + b * y


def fused(a, x, b, y):
    """``fl(ax + fl(by))``: the product of two single-precision numbers is exact in doubles."""
    return np.float32(np.float64(a) * np.float64(x) + np.float64(b * y))


@check(
    COMMUTATIVE_BITS,
    establishes=sampled(over="2000 pairs of positive states, seed 0, single precision, base e"),
    claimed=dict(combine=rounded_products),
    controls={"fused multiply-add": dict(combine=fused)},
)
def exchanged_states(combine) -> None:
    """Addition and the maximum are commutative in IEEE arithmetic; the products are the same."""
    generator = np.random.default_rng(0)
    for _ in range(2000):
        (m, x), (n, y) = (generator.normal(size=(2, 2)).astype(np.float32) ** 2) * np.float32(3)
        largest = max(m, n)
        one, two = np.exp(m - largest), np.exp(n - largest)
        forth, back = combine(one, x, two, y), combine(two, y, one, x)
        refute_unless(
            forth == back,
            "the order of the two states changes the bits",
            states=[[Fraction(float(entry)) for entry in state] for state in ((m, x), (n, y))],
            merged=Fraction(float(forth)),
            exchanged=Fraction(float(back)),
        )
