"""The best single head on the approximate loss."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from flint import arb

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, note, proof, refute_unless, sampled
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.icl_linreg.approximate_loss import SINGLE_HEAD
from attnproof.theory.paper.icl_linreg.approximate_loss_function import approximate_loss

# x = dω² is the exponent, surplus = e^{x−1} − x ≥ 0, e stands for the number e > 0.
B, C, D, E, NOISE, SURPLUS = scalars("b c d e noise surplus")


@check(
    SINGLE_HEAD,
    part="value",
    establishes=proof(over="every ω, μ, L, d, σ²", by="non-negative combination"),
    claimed=dict(factor=E),
    controls={
        "larger factor than e": dict(factor=E + 1),
        "factor e squared": dict(factor=2 * E),
    },
)
def bound_for_one_head(factor) -> None:
    """Premise (classical): ``e^x ≥ e x``, with equality only at x = 1. With b = μω and x = dω²,
    ``μ²e^x = e(x + surplus)μ² = e d b² + eμ² surplus``; times 1 + ecd, the loss minus the bound
    is ``((1 + ecd)b − 1)² + (1 + ecd)c e μ² surplus``. Here surplus stands for μ² times it."""
    loss = 1 + NOISE - 2 * B + B**2 + C * E * (D * B**2 + SURPLUS)
    entails(
        (1 + C * D * factor) * (loss - 1 - NOISE) + 1,
        given={"c": C, "d": D, "e": E, "surplus": SURPLUS},
        certificate=[
            (1, (), ((1 + C * D * E) * B - 1,)),
            (1, ("c", "e", "surplus"), ()),
            (1, ("c", "c", "d", "e", "e", "surplus"), ()),
        ],
        message="one head is below the bound",
    )


def _bound(length, dimension, noise, factor=1):
    return 1 + noise - 1 / (1 + factor * arb(1).exp() * (1 + noise) / length * dimension)


@check(
    SINGLE_HEAD,
    part="value",
    establishes=sampled(over="L ≤ 60, d ≤ 8, |ω| ≤ 2, |μ| ≤ 4", by="ball arithmetic (Arb)"),
    claimed=dict(factor=1),
    controls={"larger factor than e": dict(factor=Fraction(11, 10))},
)
def random_heads_stay_above(factor) -> None:
    """The definition of the loss at random points; half of them near the stated minimiser."""
    with precision(160):
        for draw in independent_draws(60, seed=5):
            length, dimension = int(draw.random.integers(2, 60)), int(draw.random.integers(1, 9))
            noise = ball(Fraction(int(draw.random.integers(0, 5)), 10))
            scale, weight = (ball(Fraction(int(draw.random.integers(-40, 41)), 20)) for _ in "ab")
            if draw.random.integers(2):
                scale = 1 / ball(dimension).sqrt() + scale / 1000
                weight = _best_weight(length, dimension, noise) + weight / 1000
            loss = approximate_loss(
                *(np.array([scale]), np.array([2 * weight if weight == 0 else weight])),
                *(ball(length), ball(dimension), noise),
            )
            at_most(
                _bound(length, dimension, noise, ball(factor)),
                loss,
                "one head is below the bound",
                scale=scale,
                weight=weight,
            )


def _best_weight(length, dimension, noise):
    root = ball(dimension).sqrt()
    return root / (1 + arb(1).exp() * (1 + noise) / length * dimension)


@check(
    SINGLE_HEAD,
    part="minimiser",
    establishes=proof(over="every L, d, σ²", by="rational-function identity"),
    claimed=dict(square=lambda d: 1 / d, gain=lambda ecd: 1 / (1 + ecd)),
    controls={
        "scale 1": dict(square=lambda d: 1 + 0 * d),
        "scale of the averaged loss": dict(square=lambda d: 1 / (d + 2)),
        "weight of two heads": dict(gain=lambda ecd: 1 / (2 * (1 + ecd))),
    },
)
def minimiser_of_one_head(square, gain) -> None:
    """Equality in the proof of the bound needs x = dω² = 1 and (1 + ecd)b = 1 with b = μω, hence
    μ = b/ω = ωd·b. At these values the loss is the bound."""
    c, d, e, noise = variables("c d e noise")
    ecd = e * c * d
    identical(d * square(d), 1 + 0 * d, "the exponent is not 1 at this scale")
    b = gain(ecd)
    # At x = 1 the exponential is e, and μ² = ω²d²b² = d b².
    loss = 1 + noise - 2 * b + b**2 + c * e * square(d) * d**2 * b**2
    identical(loss, 1 + noise - 1 / (1 + ecd), "the loss is not the bound there")
    cd = 1.1 / 40 * 5
    note(
        example="L = 40, d = 5, σ² = 0.1",
        above_the_bound_for_all_heads=round(1 / (1 + cd) - 1 / (1 + float(arb(1).exp()) * cd), 4),
    )


@check(
    SINGLE_HEAD,
    part="averaged over the query",
    establishes=proof(over="every d > 0", by="rational-function identity"),
    claimed=dict(best=lambda d: 1 / (d + 2)),
    controls={
        "1/d": dict(best=lambda d: 1 / d),
        "1/(d + 1)": dict(best=lambda d: 1 / (d + 1)),
        "1/(d + 4)": dict(best=lambda d: 1 / (d + 4)),
    },
)
def scale_of_the_averaged_loss(best) -> None:
    """With u = ω² the logarithm ``−log u − (d/2) log(1 − 2u)`` has the derivative
    ``−1/u + d/(1 − 2u) = (d + 2)(u − u*)/(u(1 − 2u))``, negative before u* and positive after."""
    u, d = variables("u d")
    identical(
        -1 / u + d / (1 - 2 * u),
        (d + 2) * (u - best(d)) / (u * (1 - 2 * u)),
        "the sign changes elsewhere",
    )


@check(
    SINGLE_HEAD,
    part="averaged over the query",
    establishes=sampled(over="orders 0 to 8 in ω², d = 1, 2, 3", by="Gaussian moments, exactly"),
    claimed=dict(exponent=Fraction(1, 2)),
    controls={"power d": dict(exponent=Fraction(1))},
)
def moments_of_the_norm(exponent) -> None:
    """``E e^{u‖x‖²} = (1 − 2u)^{−d/2}`` as power series in u: ``E‖x‖^{2k}/k!`` from the moments of
    one coordinate, multiplied d times, against the binomial series."""
    one = [Fraction(1)]
    for k in range(1, 9):
        one.append(one[-1] * (2 * k - 1) / k)
    power = [Fraction(1)] + [Fraction(0)] * 8
    for dimension in (1, 2, 3):
        power = [sum(power[i] * one[k - i] for i in range(k + 1)) for k in range(9)]
        binomial = Fraction(1)
        for k in range(9):
            refute_unless(
                power[k] == binomial,
                "another moment of the norm",
                dimension=dimension,
                order=k,
                found=power[k],
                expected=binomial,
            )
            binomial = binomial * 2 * (exponent * dimension + k) / (k + 1)
