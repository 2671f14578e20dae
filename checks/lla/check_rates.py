"""Integrated squared bias on instances, its separation, and what follows for the rates."""

from __future__ import annotations

from fractions import Fraction

from flint import arb, fmpq

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    enclosure,
    note,
    plot,
    smt,
)
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.smt import unsatisfiable
from attnproof.theory.paper.lla.integrated_bias import integrated_squared_bias
from attnproof.theory.paper.lla.rates import RATES
from attnproof.theory.paper.lla.truncated_normal import layer_constant

# Coefficients of f and F_1, F_2, F_3 on [0, 1].
SQUARE = ([0, 0, 1], (2, 2, 0))
# f' = 6u(1 − u) vanishes at both ends.
SMOOTH_STEP = ([0, 0, 3, -2], (fmpq(3, 2), 6, 12))
CUBE = ([0, 0, 0, 1], (3, 6, 6))
# f' = 4(2u − 1)³, with slopes −4 and 4.
QUARTIC = ([0, -4, 12, -16, 8], (4, 24, 96))
TARGETS = {"u^2": SQUARE, "3u^2-2u^3": SMOOTH_STEP, "u^3": CUBE, "(2u-1)^4/2": QUARTIC}

BANDWIDTHS = (fmpq(1, 16), fmpq(1, 40), fmpq(1, 100), fmpq(1, 250))


def _slopes(coefficients) -> tuple[fmpq, fmpq]:
    """f'(0) and f'(1)."""
    return fmpq(coefficients[1]), fmpq(sum(i * a for i, a in enumerate(coefficients)))


def _squared_curvature(coefficients) -> fmpq:
    """``∫_0^1 f''²``."""
    second = [i * (i - 1) * a for i, a in enumerate(coefficients)][2:]
    return sum(
        (fmpq(a * b, i + j + 1) for i, a in enumerate(second) for j, b in enumerate(second)),
        fmpq(0),
    )


def ends(coefficients) -> arb:
    """``κ(f'(0)² + f'(1)²)``."""
    left, right = _slopes(coefficients)
    return layer_constant() * arb(left**2 + right**2)


def one_end(coefficients) -> arb:
    """``κf'(0)²``."""
    return layer_constant() * arb(_slopes(coefficients)[0] ** 2)


def curvature(coefficients) -> arb:
    """``¼ ∫ f''²``."""
    return arb(_squared_curvature(coefficients)) / 4


def _instances_hold(degree, order, leading, remainder) -> None:
    with precision(96):
        for name, (coefficients, largest) in TARGETS.items():
            for bandwidth in BANDWIDTHS:
                h = arb(bandwidth)
                found = integrated_squared_bias([fmpq(a) for a in coefficients], bandwidth, degree)
                bound = h ** (order + 1) * ball(remainder(*map(fmpq, largest)))
                at_most(
                    abs(found - h**order * leading(coefficients)),
                    bound,
                    "the remainder is larger than stated",
                    f=name,
                    h=bandwidth,
                    integrated_squared_bias=found,
                )


@check(
    RATES,
    part="local constant",
    establishes=enclosure(bound="four polynomials, h = 1/16, 1/40, 1/100, 1/250"),
    claimed=dict(degree=0, order=3, leading=ends),
    controls={
        "one end": dict(leading=one_end),
        "order four": dict(order=4),
        "local linear fit": dict(degree=1),
    },
)
def local_constant_on_instances(degree, order, leading) -> None:
    """The inner fit from closed forms of the moments, the outer integral by adaptive quadrature."""
    _instances_hold(
        degree,
        order,
        leading,
        lambda first, second, _: first**2 / 1000 + 2 * first * second + second**2 / 4,
    )


@check(
    RATES,
    part="local linear",
    establishes=enclosure(bound="four polynomials, h = 1/16, 1/40, 1/100, 1/250"),
    claimed=dict(degree=1, order=4, leading=curvature),
    controls={
        "order three": dict(order=3),
        "twice the constant": dict(leading=lambda f: 2 * curvature(f)),
        "local constant fit": dict(degree=0),
    },
)
def local_linear_on_instances(degree, order, leading) -> None:
    """As above. ``(2u − 1)^4/2`` has a bias at the ends that its curvature inside outweighs."""
    _instances_hold(
        degree,
        order,
        leading,
        lambda _, second, third: second**2 + 2 * second * third + third**2 / 4,
    )


@check(
    RATES,
    part="separation",
    establishes=smt(over="all slopes, κ > 0 and constants of the remainder", bounded=False),
    claimed=dict(slope_needed=True, share="1/2"),
    controls={
        "both slopes zero": dict(slope_needed=False, drops="slope at an end"),
        "the whole constant": dict(share="1"),
    },
)
def slope_gives_a_lower_bound(slope_needed, share) -> None:
    """From ``|I − κh³(f'(0)² + f'(1)²)| ≤ Ch⁴``, κ > 0: with ``c = κ(f'(0)² + f'(1)²)/2`` and
    ``h_0 = c/C``, ``I ≥ ch³`` for ``h ≤ h_0``; and c > 0. In the formulas ``cube = h³ > 0``."""
    import z3

    part = Fraction(share)

    def is_zero(left_slope, right_slope):
        return left_slope * left_slope + right_slope * right_slope <= 0

    def below(integral, kappa, size, constant, h, cube):
        return [
            *(kappa > 0, size > 0, constant > 0, h > 0, cube > 0),
            2 * constant * h <= kappa * size,
            kappa * size * cube - integral <= constant * h * cube,
            integral - kappa * size * cube <= constant * h * cube,
            integral * part.denominator < part.numerator * kappa * size * cube,
        ]

    left, right = z3.Real("left_slope"), z3.Real("right_slope")
    unsatisfiable(
        [is_zero(left, right), *([z3.Or(left != 0, right != 0)] if slope_needed else [])],
        {"left_slope": left, "right_slope": right},
        recheck=lambda left_slope, right_slope: (
            is_zero(left_slope, right_slope)
            and (left_slope != 0 or right_slope != 0 or not slope_needed)
        ),
        message="the constant of the lower bound is not positive",
    )
    names = ("integral", "kappa", "size", "constant", "h", "cube")
    variables = {name: z3.Real(name) for name in names}
    unsatisfiable(
        below(**variables),
        variables,
        recheck=lambda **values: all(below(**values)),
        message="the lower bound does not follow",
    )


@check(
    RATES,
    part="separation",
    establishes=enclosure(bound="f = u², u³ and (2u − 1)^4/2 from h = 1/64 to h = 1/256"),
    claimed=dict(targets=(SQUARE, CUBE, QUARTIC), degree=0),
    controls={
        "both slopes zero": dict(targets=(SMOOTH_STEP,), drops="slope at an end"),
        "local linear fit": dict(degree=1),
    },
)
def separation_on_instances(targets, degree) -> None:
    """``∫ b²/h³`` does not fall to half when h falls to a quarter. For ``3u² − 2u³`` it falls to a
    quarter: there the local constant fit, too, has an integrated squared bias of order h⁴."""
    with precision(96):
        for coefficients, _ in targets:
            left, right = _slopes(coefficients)
            rational = [fmpq(a) for a in coefficients]
            wide, narrow = (
                integrated_squared_bias(rational, h, degree) / arb(h) ** 3
                for h in (fmpq(1, 64), fmpq(1, 256))
            )
            note(**{f"ratio_for_{coefficients}": (narrow / wide).str(6)})
            at_most(
                wide / 2,
                narrow,
                "the integrated squared bias is of a higher order than h³",
                coefficients=coefficients,
                left_slope=left,
                right_slope=right,
            )


@plot(RATES)
def integrated_bias_by_bandwidth() -> Plot:
    """Both fits, f = u² and f = 3u² − 2u³."""
    bandwidths = [fmpq(1, round(8 * 2 ** (i / 2))) for i in range(12)]
    series = []
    with precision(80):
        for name, degree, (coefficients, _) in (
            ("softmax attention, u²", 0, SQUARE),
            ("local linear attention, u²", 1, SQUARE),
            ("softmax attention, 3u² − 2u³", 0, SMOOTH_STEP),
        ):
            rational = [fmpq(a) for a in coefficients]
            series.append(
                Series(
                    label=name,
                    x=[float(h) for h in bandwidths],
                    y=[float(integrated_squared_bias(rational, h, degree)) for h in bandwidths],
                )
            )
    for power in (3, 4):
        series.append(
            Series(
                label=f"order h^{power}",
                x=[float(h) for h in bandwidths],
                y=[float(h) ** power for h in bandwidths],
                style="guide",
            )
        )
    return Plot(
        title="Integrated squared bias on [0, 1]",
        x_label="bandwidth h",
        y_label="integrated squared bias",
        series=series,
        caption="The layers at the ends cost softmax attention a power of h, unless f is flat "
        "there, as 3u² − 2u³ is.",
        x_scale="log",
        y_scale="log",
    )
