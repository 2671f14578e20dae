"""Classical bounds of the least error, held against the certified values."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial

from flint import arb

from attnproof.theory.algebra.ball import precision
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    enclosure,
    plot,
)
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.paper.kron_attn.minimax_degree import MINIMAX_DEGREE
from attnproof.theory.paper.kron_attn.minimax_exponential import (
    minimax_bracket,
)

BITS = 400


def bessel_lower(g: int, radius: int) -> arb:
    """``(π/2) e^{−R} I_{g+1}(R)``."""
    return arb.pi() / 2 * (-arb(radius)).exp() * arb(radius).bessel_i(g + 1)


def taylor_upper(g: int, radius: int) -> arb:
    """``e^R R^{g+1}/(g+1)!``."""
    return arb(radius).exp() * arb(radius) ** (g + 1) / factorial(g + 1)


@check(
    MINIMAX_DEGREE,
    part="bounds",
    establishes=enclosure(bound="R = 1, 2, 4, 8 and every degree up to 24"),
    claimed=dict(lower=bessel_lower, upper=taylor_upper),
    controls={
        "three times the lower bound": dict(lower=lambda g, R: 3 * bessel_lower(g, R)),
        "coefficient of degree g": dict(lower=lambda g, R: bessel_lower(g - 1, R)),
        "absolute error": dict(lower=lambda g, R: arb(R).exp() * bessel_lower(g, R)),
        "no factor for the negative side": dict(
            upper=lambda g, R: (-arb(R)).exp() * taylor_upper(g, R) / 8
        ),
        "one term more": dict(upper=lambda g, R: taylor_upper(g + 1, R) / 2**g),
    },
)
def classical_bounds(lower: Callable, upper: Callable) -> None:
    """Both are classical; here they are held against the certified values.

    Lower: the Chebyshev coefficient 2I_{g+1}(R) of e^x is at most (2/π)∫|cos (g+1)θ| dθ = 4/π
    times the absolute error, which is at most e^R times the relative one. Upper: Taylor's
    remainder over e^x is at most ``e^{|x|}|x|^{g+1}/(g+1)!``.
    """
    with precision(BITS):
        for radius in (1, 2, 4, 8):
            for g in range(1, 25):
                found = minimax_bracket(g, radius)
                named = dict(g=g, R=radius)
                at_most(lower(g, radius), found.upper, "the lower bound is too large", **named)
                at_most(found.lower, upper(g, radius), "the upper bound is too small", **named)


@plot(MINIMAX_DEGREE)
def errors_by_degree() -> Plot:
    """Certified errors, with the lower bound for every degree."""
    degrees = list(range(1, 25))
    series = []
    with precision(BITS):
        for radius in (1, 2, 4, 8):
            certified = [float(minimax_bracket(g, radius).upper.mid()) for g in degrees]
            bound = [float(bessel_lower(g, radius).mid()) for g in degrees]
            series += [
                Series(label=f"R = {radius}", x=degrees, y=certified),
                Series(label=f"lower bound, R = {radius}", x=degrees, y=bound, style="guide"),
            ]
    return Plot(
        title="Least relative error of a polynomial for the exponential on [−R, R]",
        x_label="degree g",
        y_label="E_g(R)",
        y_scale="log",
        series=series,
        caption="Upper and lower bound of every point agree to nine digits. Up to g ≈ R next to "
        "nothing is gained; beyond, the error falls faster than any power.",
    )
