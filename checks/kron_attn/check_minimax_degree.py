"""Certified errors and degrees of polynomials for the exponential."""

from __future__ import annotations

from math import factorial

from flint import arb, fmpq

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.core import (
    Refuted,
    Undecided,
    check,
    enclosure,
    note,
    refute_unless,
)
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.paper.kron_attn.minimax_degree import MINIMAX_DEGREE
from attnproof.theory.paper.kron_attn.minimax_exponential import (
    alternation,
    largest_error,
    minimax_bracket,
    relative_error,
)

BITS = 400
# Relative errors to four digits: R → {g: E_g(R)}.
ERRORS = {
    1: "1 2.329e-1 2 3.974e-2 3 5.004e-3 4 5.030e-4 6 3.017e-6 8 1.052e-8 10 2.400e-11 "
    "12 3.856e-14 16 4.234e-20",
    2: "1 6.831e-1 2 2.705e-1 3 7.087e-2 4 1.450e-2 6 3.556e-4 8 5.036e-6 10 4.641e-8",
    4: "1 9.855e-1 2 8.894e-1 3 6.150e-1 4 2.956e-1 6 3.258e-2 8 1.961e-3 10 7.540e-5 12 2.014e-6",
    8: "1 1.000e+0 2 9.998e-1 3 9.982e-1 4 9.875e-1 6 8.008e-1 8 3.114e-1 10 5.917e-2 "
    "12 7.234e-3 16 4.107e-5 20 8.520e-8",
}
TOLERANCES = tuple(fmpq(1, 10**k) for k in (2, 4, 6, 8, 10))
DEGREES = {
    1: (3, 5, 7, 9, 10),
    2: (5, 7, 9, 11, 13),
    4: (7, 10, 13, 15, 17),
    8: (12, 16, 19, 22, 24),
}
TAYLOR = {
    1: (5, 7, 9, 11, 13),
    2: (8, 11, 14, 16, 18),
    4: (15, 19, 21, 24, 26),
    8: (30, 33, 36, 39, 42),
}


def _table(text: str) -> dict[int, str]:
    words = text.split()
    return {int(g): value for g, value in zip(words[::2], words[1::2], strict=True)}


def _certified(polynomial, points, radius) -> tuple[arb, arb]:
    """Bounds by the two certificates alone; nothing of the search for P is used."""
    lower = alternation(polynomial, points)
    if len(points) < len(polynomial) + 1 or lower is None:
        raise Undecided("the error does not certainly alternate at g + 2 points")
    inside = all(-radius <= x <= radius for x in points)
    if not inside:
        raise Undecided("a point of the alternation lies outside of the interval")
    return lower, largest_error(polynomial, fmpq(radius))


def _half_unit(value: str) -> fmpq:
    return fmpq(1, 2) * fmpq(10) ** (int(value.partition("e")[2]) - 3)


@check(
    MINIMAX_DEGREE,
    part="values",
    establishes=enclosure(bound="R = 1, 2, 4, 8 and the listed degrees up to 20"),
    claimed=dict(degree=lambda g: g, stated=lambda value: ball(value), absolute=False),
    controls={
        "one degree less": dict(degree=lambda g: max(g - 1, 1)),
        "last digit up": dict(stated=lambda value: ball(value) + 2 * _half_unit(value)),
        "last digit down": dict(stated=lambda value: ball(value) - 2 * _half_unit(value)),
        "absolute error": dict(absolute=True),
    },
)
def both_bounds_round_to_the_table(degree, stated, absolute) -> None:
    """Upper bound: the error of a rational polynomial at ±R and at all zeros of P' − P, isolated by
    ball arithmetic. Lower bound: its error alternates at g + 2 points (de la Vallée Poussin,
    classical: 1, x, …, x^g times e^{−x} is a Haar system). "Absolute" compares with e^R E_g, an
    upper bound of the absolute error.
    """
    widest = arb(0)
    with precision(BITS):
        for radius, text in ERRORS.items():
            for g, value in _table(text).items():
                found = minimax_bracket(degree(g), radius)
                lower, upper = _certified(found.polynomial, found.points, radius)
                if absolute:
                    lower, upper = (x * arb(radius).exp() for x in (lower, upper))
                named = dict(g=g, R=radius, lower=lower, upper=upper)
                half = _half_unit(value)
                at_most(stated(value) - half, lower, "E_g(R) is less than stated", **named)
                at_most(upper, stated(value) + half, "E_g(R) is more than stated", **named)
                widest = widest.max(upper / lower - 1)
        note(widest_bracket=widest.str(2))


@check(
    MINIMAX_DEGREE,
    part="values",
    establishes=enclosure(
        bound="(g, R) = (1, 1), (3, 1), (4, 2), (6, 4), (6, 8)",
        by="ball arithmetic over a subdivision of the whole interval",
    ),
    claimed=dict(slack=fmpq(101, 100), radius=lambda R: R),
    controls={
        "one hundredth below": dict(slack=fmpq(99, 100)),
        "wider interval": dict(radius=lambda R: fmpq(11, 10) * R),
    },
)
def error_over_the_whole_interval(slack, radius) -> None:
    """The upper bound once more without critical points: [−R, R] is halved until the enclosure of
    the error over every piece, in centred form, is at most slack times the stated bound; a piece
    whose midpoint exceeds it refutes."""
    for g, R in ((1, 1), (3, 1), (4, 2), (6, 4), (6, 8)):
        with precision(128):
            found = minimax_bracket(g, R)
            limit = arb(slack) * found.upper
            size = fmpq(radius(R))
            slope = tuple(
                (fmpq(k + 1) * found.polynomial[k + 1] if k < g else fmpq(0)) - c
                for k, c in enumerate(found.polynomial)
            )
            pieces = [(-size, size)]
            count = 0
            while pieces:
                left, right = pieces.pop()
                middle, half = (left + right) / 2, (right - left) / 2
                centre = relative_error(found.polynomial, arb(middle))
                if abs(centre) > limit:
                    raise Refuted(
                        "the error exceeds the bound",
                        dict(g=g, R=R, x=middle, error=centre, bound=limit),
                    )
                box = arb(middle) + arb(half) * arb(0, 1)
                derivative = relative_error(slope, box) + 1
                if not abs(centre + derivative * arb(half) * arb(0, 1)) <= limit:
                    pieces += [(left, middle), (middle, right)]
                count += 1
                if count > 20000:
                    raise Undecided("too many pieces")
            refute_unless(True, g=g, R=R, pieces=count)


@check(
    MINIMAX_DEGREE,
    part="degrees",
    establishes=enclosure(bound="R = 1, 2, 4, 8 and ε = 10^{−2}, 10^{−4}, …, 10^{−10}"),
    claimed=dict(shift=0, even=False),
    controls={
        "one degree less suffices": dict(shift=-1),
        "one degree more is needed": dict(shift=1),
        "even degrees only": dict(even=True),
    },
)
def smallest_degrees(shift, even) -> None:
    """``E_g ≤ ε`` by the upper bound, ``E_{g−1} > ε`` by the lower one."""
    with precision(BITS):
        for radius, degrees in DEGREES.items():
            for tolerance, degree in zip(TOLERANCES, degrees, strict=True):
                g = degree + shift
                g -= g % 2 if even else 0
                here, before = minimax_bracket(g, radius), minimax_bracket(g - 1, radius)
                lower, upper = _certified(here.polynomial, here.points, radius)
                below, _ = _certified(before.polynomial, before.points, radius)
                named = dict(R=radius, epsilon=tolerance, g=g)
                refute_unless(
                    not lower > arb(tolerance), "the degree is too small", error=lower, **named
                )
                refute_unless(
                    not minimax_bracket(g - 1, radius).upper <= arb(tolerance),
                    "a smaller degree suffices",
                    error=before.upper,
                    **named,
                )
                at_most(upper, arb(tolerance), "the degree is too small", **named)
                at_most(arb(tolerance), below, "a smaller degree suffices", **named)


def _scale(radius: arb, digits: arb) -> arb:
    return arb(radius).max(digits / (digits / radius).log().max(arb(1)))


def _unguarded(radius: arb, digits: arb) -> arb:
    """Without the floor of one; a ratio of at most one has no positive logarithm."""
    ratio = digits / radius
    return arb(radius).max(digits / ratio.log()) if ratio > 1 else arb(radius)


def _without_logarithm(radius: arb, digits: arb) -> arb:
    return arb(radius).max(digits)


@check(
    MINIMAX_DEGREE,
    part="order",
    establishes=enclosure(bound="the pairs of the table"),
    claimed=dict(least="99/100", most="174/100", scale=_scale),
    controls={
        "at most 1.5": dict(most="3/2"),
        "at least 1.2": dict(least="6/5"),
        "no logarithm in the denominator": dict(scale=_without_logarithm),
        "logarithm without a floor": dict(scale=_unguarded),
        "twice the radius": dict(scale=lambda R, L: 2 * _scale(R, L)),
    },
)
def ratio_to_the_stated_order(least, most, scale) -> None:
    """The certified degree over max{R, L/max(1, ln(L/R))}, enclosed."""
    ratios = []
    with precision(64):
        for radius, degrees in DEGREES.items():
            for tolerance, degree in zip(TOLERANCES, degrees, strict=True):
                digits = -arb(tolerance).log()
                ratio = degree / scale(arb(radius), digits)
                named = dict(R=radius, epsilon=tolerance, g=degree)
                at_most(ball(least), ratio, "the degree is smaller", **named)
                at_most(ratio, ball(most), "the degree is larger", **named)
                ratios.append(float(ratio.mid()))
    note(smallest=round(min(ratios), 3), largest=round(max(ratios), 3))


def _taylor_error(g: int, radius: int) -> arb:
    polynomial = tuple(fmpq(1, factorial(k)) for k in range(g + 1))
    return largest_error(polynomial, fmpq(radius))


@check(
    MINIMAX_DEGREE,
    part="Taylor degrees",
    establishes=enclosure(bound="R = 1, 2, 4, 8 and ε = 10^{−2}, …, 10^{−10}"),
    claimed=dict(degrees=TAYLOR, error=_taylor_error),
    controls={
        "certified minimal degrees": dict(degrees=DEGREES),
        "error on the positive half": dict(
            error=lambda g, R: abs(
                relative_error(tuple(fmpq(1, factorial(k)) for k in range(g + 1)), arb(R))
            )
        ),
    },
)
def taylor_needs_more(degrees, error) -> None:
    """The only critical point of T_g e^{−x} is 0, so the maximum is attained at −R or R."""
    with precision(BITS):
        for radius, row in degrees.items():
            for tolerance, degree in zip(TOLERANCES, row, strict=True):
                named = dict(R=radius, epsilon=tolerance, g=degree)
                at_most(error(degree, radius), arb(tolerance), "the degree is too small", **named)
                at_most(
                    arb(tolerance), error(degree - 1, radius), "a smaller degree suffices", **named
                )
