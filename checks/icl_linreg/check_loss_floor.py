"""The infimum of the approximate loss over every number of heads."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from flint import arb, ctx, fmpq, fmpq_series

from attnproof.theory.algebra.ball import ball, ball_array, precision
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    note,
    plot,
    proof,
    sampled,
)
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.icl_linreg.approximate_loss import LOSS_FLOOR
from attnproof.theory.paper.icl_linreg.approximate_loss_function import (
    approximate_loss,
    best_weights,
)

# b = Σμω, z = Σμ, and rest = Σ_{k ≥ 2} (d^k/k!)(Σμω^k)².
B, Z, REST, C, D, NOISE = scalars("b z rest c d noise")


@check(
    LOSS_FLOOR,
    part="bound",
    establishes=proof(over="every H, ω, μ, L, d, σ²", by="non-negative combination"),
    claimed=dict(dimension=D, infimum=1),
    controls={
        "one dimension more": dict(dimension=D + 1),
        "nothing is learnt": dict(infimum=0),
        "twice the dimension": dict(dimension=D * 2),
    },
)
def bound_for_all_heads(dimension, infimum) -> None:
    """``E = Σ_k (d^k/k!) ω^k (ω^k)ᵀ`` entrywise, so ``μᵀEμ = Σ_k (d^k/k!)(Σ_h μ_h ω_h^k)²
    = z² + d b² + rest`` with rest ≥ 0. Times 1 + cd, the loss minus the bound is
    ``((1 + cd)b − 1)² + c(1 + cd)(z² + rest)``.

    Strict (classical): zero would need ``(1 + cd)b = 1`` and ``Σ_h μ_h ω_h^k = 0`` for every
    k ≥ 2. Then ``Σ_h μ_h ω_h² p(ω_h) = 0`` for every polynomial p; with p the Lagrange polynomial
    of one non-zero value of ω, the weights at this value add up to zero. So b = 0."""
    loss = 1 + NOISE - 2 * B + B**2 + C * (Z**2 + D * B**2 + REST)
    given = {"c": C, "d": D, "rest": REST, "noise": NOISE}
    entails(
        (1 + C * dimension) * (loss - 1 - NOISE) + infimum,
        given=given,
        certificate=[
            (1, (), ((1 + C * D) * B - 1,)),
            (1, ("c",), (Z,)),
            (1, ("c", "c", "d"), (Z,)),
            (1, ("c", "rest"), ()),
            (1, ("c", "c", "d", "rest"), ()),
        ],
        models=_near_the_bound(),
        message="a layer is below the bound",
    )


def _near_the_bound() -> list[dict[str, object]]:
    """Points with z = rest = 0, where b = 1/(1 + cd) would attain the bound."""
    return [
        {
            **{name: rational(0) for name in ("z", "rest", "noise")},
            **{"c": rational(c), "d": rational(d), "b": 1 / (1 + rational(c) * d)},
        }
        for c in (1, 2)
        for d in (1, 2, 5)
    ]


def _floor(length, dimension, noise):
    return 1 + noise - 1 / (1 + (1 + noise) / length * dimension)


def _floor_of_one_head(length, dimension, noise):
    return _floor(length, dimension * arb(1).exp(), noise)


@check(
    LOSS_FLOOR,
    part="bound",
    establishes=sampled(over="1 ≤ H ≤ 4, d ≤ 6, |ω| ≤ 1, best μ", by="ball arithmetic (Arb)"),
    claimed=dict(floor=_floor),
    controls={
        "bound for one head": dict(floor=_floor_of_one_head),
        "one dimension more": dict(floor=lambda n, d, noise: _floor(n, d + 1, noise)),
        "noise counted twice": dict(floor=lambda n, d, noise: _floor(n, d, 2 * noise) - noise),
    },
)
def best_weights_stay_above(floor) -> None:
    """The definition of the loss at its best weights, from a linear system in ball arithmetic."""
    with precision(400):
        smallest = arb(1)
        for draw in independent_draws(40, seed=11):
            heads, dimension = (int(draw.random.integers(1, n)) for n in (5, 7))
            length, noise = ball(int(draw.random.integers(4, 60))), ball(Fraction(1, 10))
            size = int(draw.random.integers(2, 20))
            numerators = draw.random.choice(np.arange(-6, 7), heads, replace=False)
            scales = ball_array([Fraction(int(entry), 6 * size) for entry in numerators])
            weights = best_weights(scales, length, ball(dimension), noise)
            loss = approximate_loss(scales, weights, length, ball(dimension), noise)
            gap = loss - floor(length, dimension, noise)
            at_most(0, gap, "a layer is below the bound", scales=scales, weights=weights)
            smallest = min(smallest, gap)
        note(smallest_gap=float(smallest))


W, M, UP, DOWN, CC, NN = variables("w m up down c noise")


@check(
    LOSS_FLOOR,
    part="two heads",
    establishes=proof(over="every L, d, σ², w ≠ 0", by="completing the square in ℚ(w, m, e^±, c)"),
    claimed=dict(
        value=lambda w, sinh: w**2 / (w**2 + CC * sinh),
        weight=lambda w, sinh: w / (2 * (w**2 + CC * sinh)),
    ),
    controls={
        "both heads count": dict(weight=lambda w, sinh: w / (w**2 + CC * sinh)),
        "exponential for the hyperbolic sine": dict(value=lambda w, sinh: w**2 / (w**2 + CC * UP)),
        "cosine for the hyperbolic sine": dict(
            weight=lambda w, sinh: w / (2 * (w**2 + CC * (sinh + DOWN)))
        ),
    },
)
def value_of_a_pair(value, weight) -> None:
    """The definition at ω = (w, −w), μ = (m, −m), with e^{dw²} and e^{−dw²} as symbols: the loss
    is ``value + 4(w² + c sinh)(m − m*)²``, and the factor is positive."""

    def power(products: np.ndarray) -> np.ndarray:
        made = np.empty(products.shape, dtype=object)
        for index, entry in np.ndenumerate(products):
            made[index] = UP if entry == W * W else DOWN
        return made

    one = 0 * W + 1
    loss = approximate_loss(np.array([W, -W]), np.array([M, -M]), (1 + NN) / CC, one, NN, power)
    sinh = (UP - DOWN) / 2
    square = 4 * (W**2 + CC * sinh) * (M - weight(W, sinh)) ** 2
    identical(loss, 1 + NN - value(W, sinh) + square, "the minimum or the weight is another")


def _hyperbolic_sine_over_argument() -> list[fmpq]:
    """``sinh(x)/x`` to third order."""
    before, ctx.cap = ctx.cap, 6
    try:
        x = fmpq_series([0, 1])
        odd = (x.exp() - (-x).exp()) / 2
        return [odd[k + 1] for k in range(4)]
    finally:
        ctx.cap = before


@check(
    LOSS_FLOOR,
    part="approached",
    establishes=proof(over="every L, d, σ²", by="power series, coefficients in ℚ(c, d)"),
    claimed=dict(
        limit=lambda c, d: 1 / (1 + c * d),
        gap=lambda c, d: c * d**3 / (6 * (1 + c * d) ** 2),
    ),
    controls={
        "one dimension fewer": dict(limit=lambda c, d: 1 / (1 + c * (d - 1))),
        "bound for one head, e at most 2.72": dict(
            limit=lambda c, d: 1 / (1 + Fraction(68, 25) * c * d)
        ),
        "gap of another order in d": dict(gap=lambda c, d: c * d**2 / (6 * (1 + c * d) ** 2)),
        "gap without square": dict(gap=lambda c, d: c * d**3 / (6 * (1 + c * d))),
    },
)
def pair_with_small_scale(limit, gap) -> None:
    """By the part 'two heads' ``2wm* = 1 + σ² − min L = V(w²)`` with
    ``V(u)(1 + cd·S(du)) = 1`` and ``S(x) = sinh(x)/x``. The series V is determined; its
    coefficients up to u³ are compared."""
    c, d = variables("c d")
    ratio = [
        1 + c * d,
        *(c * d ** (k + 1) * s for k, s in enumerate(_hyperbolic_sine_over_argument()) if k),
    ]
    series = [limit(c, d), 0, -gap(c, d), 0]
    for order in range(4):
        found = sum((series[k] * ratio[order - k] for k in range(order + 1)), 0 * c)
        identical(found, (0 if order else 1) + 0 * c, f"another coefficient at w^{2 * order}")
    with precision(200):
        gaps = [f"{float(_gap([w, -w])):.2g}" for w in (Fraction(3, 10), Fraction(1, 100))]
    note(example="d = 5, L = 40, σ² = 0.1, w = 0.3 and 0.01", gaps=gaps)


def _gap(scales: list[Fraction]) -> arb:
    """Best loss minus the bound at d = 5, L = 40, σ² = 1/10."""
    given = ball(40), ball(5), ball(Fraction(1, 10))
    omega = ball_array(scales)
    return approximate_loss(omega, best_weights(omega, *given), *given) - _floor(*given)


@check(
    LOSS_FLOOR,
    part="four heads",
    establishes=proof(over="the instance that is stated", by="ball arithmetic (Arb)"),
    claimed=dict(more=("3/10", "-3/10", "3/20", "-3/20"), fewer=("3/20", "-3/20")),
    controls={
        "one head against two": dict(more=("3/20",)),
        "two larger heads": dict(more=("3/10", "-3/10")),
        "the same heads the other way round": dict(
            more=("3/20", "-3/20"), fewer=("3/10", "-3/10", "3/20", "-3/20")
        ),
    },
)
def more_heads_at_a_given_scale(more, fewer) -> None:
    """Both sides at their best weights."""
    with precision(200):
        many, few = (_gap([Fraction(entry) for entry in given]) for given in (more, fewer))
        at_most(many, few, "the first layer is farther from the bound")
        note(gap_of_the_first=float(many), gap_of_the_second=float(few))


@plot(LOSS_FLOOR)
def gap_against_scale() -> Plot:
    scales = [Fraction(k, 100) for k in (1, 2, 3, 5, 8, 13, 20, 30, 40, 50)]
    c, d = 1.1 / 40, 5
    with precision(200):
        return Plot(
            title="How far the best weights stay above the bound, d = 5, L = 40, σ² = 0.1",
            x_label="largest scale w",
            y_label="loss minus bound",
            x_scale="log",
            y_scale="log",
            series=[
                Series(
                    label="two heads ±w",
                    x=[float(w) for w in scales],
                    y=[float(_gap([w, -w])) for w in scales],
                ),
                Series(
                    label="four heads ±w, ±w/2",
                    x=[float(w) for w in scales],
                    y=[float(_gap([w, -w, w / 2, -w / 2])) for w in scales],
                ),
                Series(
                    label="c d³ w⁴ / 6(1 + cd)²",
                    x=[float(w) for w in scales],
                    y=[c * d**3 * float(w) ** 4 / (6 * (1 + c * d) ** 2) for w in scales],
                    style="guide",
                ),
            ],
            caption="With two heads the gap falls as w⁴; more heads of the same size come closer.",
        )
