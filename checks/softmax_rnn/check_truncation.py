"""The truncated exponential: error of the weights and of the output, and its sign."""

from __future__ import annotations

from math import factorial

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    enclosure,
    exact,
    note,
    plot,
    proof,
    refute_unless,
)
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.softmax_rnn.truncation import POSITIVITY, TRUNCATION_BOUND


def _series(x, order: int):
    """``T_N(x)`` by Horner's rule."""
    total = 0 * x + 1
    for m in range(order, 0, -1):
        total = 1 + total * x / m
    return total


remainder, growth, power, size = scalars("remainder growth power size")


@check(
    TRUNCATION_BOUND,
    part="relative error",
    establishes=proof(over="every N, X; from Lagrange's remainder", by="non-negative combination"),
    claimed=dict(worst=size),
    controls={
        "no exponential factor": dict(worst=1 + 0 * size),
        "half of it": dict(worst=size / 2),
    },
)
def from_the_remainder(worst) -> None:
    """``|T_N(x)/e^x − 1| = e^{ξ−x}|x|^{N+1}/(N+1)!`` with ξ between 0 and x. The exponent ξ − x is
    at most 0 for x ≥ 0 and at most |x| ≤ X for x < 0, so ``growth = e^{ξ−x}`` is at most
    ``size = e^X``; ``power`` stands for |x|^{N+1}/(N+1)!, at most its value at X, the
    ``remainder``."""
    entails(
        worst * remainder - growth * power,
        given={
            "e^X − growth": size - growth,
            "X − |x|": remainder - power,
            "growth": growth,
            "remainder": remainder,
            "power": power,
        },
        certificate=[(1, ["e^X − growth", "remainder"], []), (1, ["growth", "X − |x|"], [])],
        message="the relative error is larger",
    )


@check(
    TRUNCATION_BOUND,
    part="sharper on the right",
    establishes=proof(over="every N, X; from Lagrange's remainder", by="non-negative combination"),
    claimed=dict(limit=1 + 0 * size),
    controls={"half": dict(limit=(1 + 0 * size) / 2)},
)
def on_the_right(limit) -> None:
    """For x ≥ 0 the factor e^{ξ−x} lies in [0, 1]."""
    entails(
        limit * remainder - growth * power,
        given={
            "1 − growth": 1 - growth,
            "X − |x|": remainder - power,
            "growth": growth,
            "remainder": remainder,
        },
        certificate=[(1, ["1 − growth", "remainder"], []), (1, ["growth", "X − |x|"], [])],
        message="the relative error is larger",
    )


def _with_growth(X, order):
    return ball(X).exp() * ball(X) ** (order + 1) / factorial(order + 1)


def _without_growth(X, order):
    return ball(X) ** (order + 1) / factorial(order + 1)


@check(
    TRUNCATION_BOUND,
    part="relative error",
    establishes=enclosure(bound="X = 1/2, 1, 2, 4 and N = 1, …, 16, at 65 points of [−X, X] each"),
    claimed=dict(bound=_with_growth),
    controls={
        "no exponential factor": dict(bound=_without_growth),
        "one order better": dict(bound=lambda X, N: _with_growth(X, N + 1)),
    },
)
def at_equally_spaced_points(bound) -> None:
    """The definition in ball arithmetic, at equally spaced points; the proof is for all of them."""
    with precision(200):
        for X in ("1/2", "1", "2", "4"):
            for order in range(1, 17):
                for step in range(-32, 33):
                    x = ball(X) * step / 32
                    error = abs(_series(x, order) * (-x).exp() - 1)
                    at_most(
                        error, bound(X, order), "the error exceeds the bound", N=order, X=X, x=x
                    )
        for X in (1, 2, 4):
            worst = [abs(_series(ball(-X), n) * ball(X).exp() - 1) for n in (1, 2, 4, 8)]
            note(**{f"worst_at_{X}": [each.str(3, radius=False) for each in worst]})


deviation, mean = scalars("deviation mean")


@check(
    TRUNCATION_BOUND,
    part="output",
    establishes=proof(over="every number of keys, every width", by="non-negative combination"),
    claimed=dict(factor=2),
    controls={"factor one": dict(factor=1), "no change": dict(factor=0)},
)
def error_of_the_output(factor) -> None:
    """With ``T_N(x_j) = e^{x_j}(1 + δ_j)`` and ``|δ_j| ≤ ε``, the weights are
    ``p̃_j = p_j(1 + δ_j)/(1 + δ̄)``, ``δ̄ = Σ p_jδ_j``, so ``p̃_j − p_j = p_j(δ_j − δ̄)/(1 + δ̄)`` and

        |p̃_j − p_j|(1 − ε) ≤ p_j·2ε,

    because ``|δ_j − δ̄| ≤ 2ε`` and ``1 + δ̄ ≥ 1 − ε``; summed over j with ``Σ p_j = 1`` and
    ``‖v_j‖ ≤ max‖v‖`` it is the bound. Here ``change`` is c = (δ_j − δ̄)/(1 + δ̄) for a
    positive sign; the other sign is the same with δ and δ̄ exchanged for their negatives."""
    epsilon, change = scalars("epsilon change")
    half = rational("1/2")
    extreme = {"epsilon": half, "deviation": half, "mean": -half, "change": rational(2)}
    entails(
        factor * epsilon - change * (1 - epsilon),
        given={
            "ε − δ": epsilon - deviation,
            "ε + δ̄": epsilon + mean,
            "defining": deviation - mean - change * (1 + mean),
            "change": change,
        },
        certificate=[
            (1, ["ε − δ"], []),
            (1, ["ε + δ̄"], []),
            (1, ["defining"], []),
            (1, ["change", "ε + δ̄"], []),
        ],
        models=[extreme],
        message="the weights change by more",
    )


@check(
    POSITIVITY,
    part="even",
    establishes=proof(over="every m; a minimum is stationary (classical)", by="free algebra"),
    claimed=dict(index=lambda m: m, denominator=lambda n: n),
    controls={
        "another factorial": dict(denominator=lambda n: n + 1),
        "derivative of another order": dict(index=lambda m: m - 1),
    },
)
def minimum_of_an_even_truncation(index, denominator) -> None:
    """``T_n' = T_{n−1}`` and ``T_n = T_{n−1} + x^n/n!``. T_{2m} tends to +∞ on both sides, so it
    has a minimum, where ``T_{2m−1} = 0`` and ``T_{2m} = x^{2m}/(2m)! > 0``, for T_{2m−1}(0) = 1
    excludes x = 0. The two identities are those of the coefficients: ``n/n! = 1/(n−1)!``; checked
    on the coefficients themselves for n ≤ 12 and, in general, on multiples of 1/n!."""
    _derivative_is_the_truncation_before(index, denominator)


def _derivative_is_the_truncation_before(index, denominator) -> None:
    n = scalars("n")[0]
    unit = scalars("unit")[0]
    # 1/(n−1)! = n·unit with unit = 1/n!: the coefficient of x^{n−1} in T_n' is n·unit.
    follows(denominator(n) * unit - n * unit, message="the derivative has another coefficient")
    for order in range(1, 13):
        coefficients = [rational(1) / factorial(k) for k in range(order + 1)]
        derivative = [k * coefficients[k] for k in range(1, order + 1)]
        lower = [rational(1) / factorial(k) for k in range(index(order))]
        refute_unless(
            derivative == lower,
            "the derivative is not the truncation before",
            n=order,
            derivative=derivative,
            stated=lower,
        )


@check(
    POSITIVITY,
    part="odd",
    establishes=proof(
        over="every m; positive derivatives and intermediate values (classical)", by="free algebra"
    ),
    claimed=dict(index=lambda m: m, denominator=lambda n: n),
    controls={
        "another factorial": dict(denominator=lambda n: n + 1),
        "derivative of another order": dict(index=lambda m: m - 1),
    },
)
def increasing_odd_truncation(index, denominator) -> None:
    """``T_{2m+1}' = T_{2m} > 0`` by the part 'even', so T_{2m+1} increases strictly, from −∞ to +∞
    by its odd degree: it has one root, which is negative since T_{2m+1}(0) = 1. As there, the
    identity of the derivative is checked."""
    _derivative_is_the_truncation_before(index, denominator)


def _real_roots(order: int) -> int:
    from sympy import Poly, Rational, symbols

    x = symbols("x")
    return Poly(sum(Rational(1, factorial(m)) * x**m for m in range(order + 1)), x).count_roots()


@check(
    POSITIVITY,
    part="odd",
    establishes=exact(bound="N = 1, 3, …, 13", by="Sturm sequences"),
    claimed=dict(parity=1),
    controls={"even orders": dict(parity=0)},
)
def one_root_of_an_odd_truncation(parity) -> None:
    """By Sturm's theorem; the sign of the root is in `increasing_odd_truncation`."""
    counts = {}
    for order in range(2 - parity, 14, 2):
        counts[order] = _real_roots(order)
        refute_unless(
            counts[order] == 1, "another number of real roots", N=order, roots=counts[order]
        )
    note(real_roots=str(counts))


@check(
    POSITIVITY,
    part="even",
    establishes=exact(bound="N = 2, 4, …, 14", by="Sturm sequences"),
    claimed=dict(parity=0),
    controls={"odd orders": dict(parity=1)},
)
def no_root_of_an_even_truncation(parity) -> None:
    """By Sturm's theorem."""
    for order in range(2 - parity, 15, 2):
        found = _real_roots(order)
        refute_unless(found == 0, "there is a real root", N=order, roots=found)


@check(
    POSITIVITY,
    part="division by zero",
    establishes=exact(bound="the scores (−1, −1)"),
    claimed=dict(order=1),
    controls={"order two": dict(order=2), "order three": dict(order=3)},
)
def first_order_denominator_vanishes(order) -> None:
    """``T_1(−1) = 0`` for both keys."""
    total = 2 * _series(rational(-1), order)
    refute_unless(total == 0, "the denominator is not zero", N=order, denominator=total)


@plot(TRUNCATION_BOUND)
def worst_relative_error() -> Plot:
    """Worst relative error on [−X, X], which is at −X, and the bound."""
    orders = list(range(1, 25))
    series = []
    with precision(200):
        for X in (1, 2, 4):
            errors = [abs(_series(ball(-X), n) * ball(X).exp() - 1) for n in orders]
            series.append(Series(label=f"X = {X}", x=orders, y=[float(each) for each in errors]))
            bounds = [float(_with_growth(X, n)) for n in orders]
            series.append(Series(label=f"bound, X = {X}", x=orders, y=bounds, style="guide"))
    return Plot(
        title="Worst relative error of the truncated exponential",
        x_label="order N",
        y_label="relative error",
        series=series,
        caption="At X = 4 more terms make it worse before they make it better.",
        y_scale="log",
    )
