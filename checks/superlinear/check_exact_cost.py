"""Counts of the search, and what more steps buy."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import isqrt

from flint import arb

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.core import check, enclosure, exact, note, proof, refute_unless
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.superlinear_attention import anchors, ceiling_of_power, integer_root
from attnproof.theory.paper.superlinear.exact_cost import (
    EXACT_COST,
    REPORTED_COST,
    REPORTED_EXPONENT,
    STEP_OPTIMUM,
)

L, m = scalars("L m")


def _closed(length, root):
    return root * (length + 1) - root * (root + 1) * (2 * root + 1) / 6


@check(
    EXACT_COST,
    establishes=proof(over="every L (induction)"),
    claimed=dict(closed=_closed),
    controls={
        "without the correction": dict(closed=lambda length, root: root * (length + 1)),
        "root times length": dict(
            closed=lambda length, root: root * length - root * (root + 1) * (2 * root + 1) / 6
        ),
    },
)
def sum_of_roots(closed) -> None:
    """Base: L = 0, m = 0. Step within ``m² ≤ L < L + 1 < (m + 1)²``: the sum grows by m. Step onto
    a square, ``L + 1 = (m + 1)²``: it grows by m + 1."""
    follows(closed(0 * L, 0 * m), message="base")
    follows(closed(L + 1, m) - closed(L, m) - m, message="within two squares")
    square = (m + 1) ** 2
    follows(closed(square, m + 1) - closed(square - 1, m) - (m + 1), message="onto a square")


@check(
    EXACT_COST,
    establishes=exact(bound="L ≤ 2000, by counting the anchors of the definition"),
    claimed=dict(window=0),
    controls={"a window of three keys": dict(window=1)},
)
def anchors_of_the_definition(window) -> None:
    """Every anchor of every query, against the closed form."""
    counted = 0
    for length in range(1, 2001):
        counted += len(anchors(length - 1, window))
        root = isqrt(length)
        stated = root * (length + 1) - root * (root + 1) * (2 * root + 1) // 6
        refute_unless(
            counted == stated, "another number of anchors", L=length, counted=counted, stated=stated
        )


def _per_query(position, *, window=65, best=3, backward=3, forward=1, numerator=11):
    """Anchors + full spans + window, with roots of degree twenty in integers."""
    u = position + 1
    # i with ⌊i^{20/11}⌋ ≤ u, that is i^20 < (u + 1)^11.
    count = integer_root((u + 1) ** numerator - 1, 20) - window
    reaches = [ceiling_of_power(Fraction(x), u, numerator, 20) for x in (backward, forward)]
    recent = integer_root((window + 1) ** 20, numerator) - 1
    return count + best * (sum(reaches) + 1) + recent


@check(
    REPORTED_COST,
    establishes=exact(bound="the four stated positions, in integers"),
    claimed=dict(settings={}),
    controls={
        "exponent one half": dict(settings=dict(numerator=10)),
        "two spans": dict(settings=dict(best=2)),
        "no forward reach": dict(settings=dict(forward=0)),
    },
)
def keys_per_query(settings) -> None:
    """Powers with the exponent 11/20 through integer roots."""
    positions, stated = (10**4, 10**5, 10**6, 10**7), (4033, 9285, 27_911, 94_006)
    counted = tuple(_per_query(position, **settings) for position in positions)
    refute_unless(
        counted == stated, "other numbers of keys", counted=list(counted), stated=list(stated)
    )
    note(share_of_all_keys=[f"{n / t:.3%}" for n, t in zip(counted, positions)])


def _total(length: int, cost) -> tuple[int, int]:
    """An enclosure of ``Σ_{t<L} cost(t)`` for a cost that does not fall: in blocks of half a per
    mille, each between its ends."""
    low = high = start = 0
    while start < length:
        end = min(length, max(start + 1, start + start // 2000))
        low += (end - start) * cost(start)
        high += (end - start) * cost(end - 1)
        start = end
    return low, high


@check(
    REPORTED_EXPONENT,
    establishes=enclosure(bound="L = 10⁴, …, 10⁹", by="integers, summed in blocks"),
    claimed=dict(settings={}, stated=("1.35", "1.45", "1.52", "1.54", "1.55")),
    controls={
        "the nominal exponent": dict(stated=("1.55",) * 5),
        "without the window": dict(settings=dict(window=0)),
        "exponent one half": dict(settings=dict(numerator=10)),
    },
)
def slope_by_decade(settings, stated) -> None:
    """All terms of the cost grow with t: the anchors, the reaches, and t + 1 itself."""
    cost = lambda t: min(t + 1, max(0, _per_query(t, **settings)))
    totals = [_total(10**k, cost) for k in range(4, 10)]
    for k, (before, after) in enumerate(pairwise(totals)):
        ends = [(arb(a) / b).log() / arb(10).log() for a, b in zip(after, reversed(before))]
        middle = arb(Fraction(stated[k]).numerator) / Fraction(stated[k]).denominator
        at_most(abs(ends[0] - middle), arb(1) / 200, "another slope", decade=k + 4)
        at_most(abs(ends[1] - middle), arb(1) / 200, "another slope", decade=k + 4)
        at_most(ends[1], arb(31) / 20, "the slope is not below 1.55", decade=k + 4)
        note(**{f"slope_from_1e{k + 4}": f"{float(ends[0]):.4f}–{float(ends[1]):.4f}"})


p, q, x, y, z, w = scalars("p q x y z w")


@check(
    STEP_OPTIMUM,
    part="two exponents",
    establishes=proof(over="all p and q", by="non-negative combination"),
    claimed=dict(needed=1),
    controls={"coverage of nine tenths": dict(needed=Fraction(9, 10))},
)
def larger_exponent(needed) -> None:
    """If both 1 + p and 1 + q were below 3/2, their sum would be below 3; it is at least 2 + 1. The
    larger one, called M here, satisfies ``2M ≥ (1 + p) + (1 + q) ≥ 3``."""
    larger, half = scalars("M")[0], rational(Fraction(needed)) / 2
    entails(
        2 * larger - 3,
        given={
            "M ≥ 1 + p": larger - 1 - p,
            "M ≥ 1 + q": larger - 1 - q,
            "coverage": p + q - needed,
        },
        certificate=[(1, ["M ≥ 1 + p"], []), (1, ["M ≥ 1 + q"], []), (1, ["coverage"], [])],
        models=[{"p": half, "q": half, "M": 1 + half}],
        message="both exponents can be smaller",
    )


@check(
    STEP_OPTIMUM,
    part="equal steps",
    establishes=proof(over="all s_1, s_2 > 0", by="sum of squares"),
    claimed=dict(factor=4),
    controls={"factor nine": dict(factor=9)},
)
def two_steps(factor) -> None:
    """``(s_1 + s_2)² − 4 s_1s_2 = (s_1 − s_2)²``, and ``s_1s_2 ≥ L``: here s_1 = x, s_2 = y."""
    product = scalars("L")[0]
    entails(
        (x + y) ** 2 - factor * product,
        given={"coverage": x * y - product, "x": x, "y": y},
        certificate=[(1, [], [x - y]), (4, ["coverage"], [])],
        message="two steps can be cheaper",
    )


@check(
    STEP_OPTIMUM,
    part="doubling",
    establishes=proof(over="every power of two (induction)", by="sum of squares"),
    claimed=dict(halves=(2, 2)),
    controls={"smaller halves": dict(halves=(3, 3))},
)
def doubling_the_steps(halves) -> None:
    """With N steps in each half, sums A ≥ N·P^{1/N}, B ≥ N·Q^{1/N} and ``PQ ≥ L``: for a = A/N, b =
    B/N, ``(a + b)² ≥ 4ab ≥ 4(PQ)^{1/N}``, so that ``A + B ≥ 2N·L^{1/2N}``. The letters x, y are
    P^{1/N} and Q^{1/N}, z and w what a and b exceed them by."""
    first, second = x + z, y + w
    entails(
        (first + second) ** 2 - halves[0] * halves[1] * x * y,
        given={"x": x, "y": y, "z": z, "w": w},
        certificate=[
            (1, [], [first - second]),
            (4, ["x", "w"], []),
            (4, ["z", "y"], []),
            (4, ["z", "w"], []),
        ],
        message="the sum can be smaller",
    )


@check(
    STEP_OPTIMUM,
    part="best number",
    establishes=enclosure(bound="L = 10⁶, N = 1, …, 16, and e ln L"),
    claimed=dict(best=14),
    controls={"two steps": dict(best=2), "ten steps": dict(best=10)},
)
def least_of_the_table(best) -> None:
    """``N·10^{6/N}`` in balls. By calculus the least real N is ln L, with the value e ln L."""
    with precision(120):
        table = {n: n * (ball(10).log() * 6 / n).exp() for n in range(1, 17)}
        for n, value in table.items():
            refute_unless(
                n == best or bool(value > table[best]),
                "another number of steps is cheaper",
                N=n,
                value=value,
                stated=table[best],
            )
        limit = ball(1).exp() * ball(10).log() * 6
        refute_unless(bool(table[best] >= limit), "below the continuous optimum", N=best)
        note(
            table={str(n): value.str(5, radius=False) for n, value in table.items()},
            continuous=limit.str(5, radius=False),
        )
