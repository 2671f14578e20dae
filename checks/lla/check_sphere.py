"""Bias of local fits to keys that fill a circle, and to keys that fill half of it."""

from __future__ import annotations

import numpy as np
from flint import arb, fmpq

from attnproof.theory.algebra.ball import ball, precision
from attnproof.theory.core import check, counterexample, enclosure, note, prime_field
from attnproof.theory.engine.ball_comparison import at_most, contains
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.local_linear_attention import local_linear_weights
from attnproof.theory.paper.lla.circle_fit import circle_bias
from attnproof.theory.paper.lla.first_order_model import FirstOrderModel, between
from attnproof.theory.paper.lla.sphere import SPHERE_NO_BOUNDARY, SPHERE_RATES


@check(
    SPHERE_NO_BOUNDARY,
    establishes=counterexample(
        over="f = cos 2u, where the largest bias is at u = 0", by="ball arithmetic (Arb)"
    ),
    claimed=dict(half=False, phase=fmpq(0), fit="local constant"),
    controls={
        "tangent line": dict(fit="tangent line"),
        "ambient plane": dict(fit="ambient plane"),
    },
    repairs={"keys on half of the circle": dict(half=True, phase=fmpq(1))},
)
def bias_of_order_h(half, phase, fit) -> None:
    """``b(0)/h`` from h = 1/8 to h = 1/32: of order h, it would not fall to half. On the whole
    circle ``b(x) = (I_2/I_0 − 1) cos 2x``, so that the largest bias is the one at 0."""
    with precision(96):
        support = (0, arb.pi()) if half else None
        wide, narrow = (
            abs(circle_bias(lambda u: (2 * u + phase).cos(), 0, h, fit, support=support)) / arb(h)
            for h in (fmpq(1, 8), fmpq(1, 32))
        )
        note(wide=wide.str(6), narrow=narrow.str(6))
        at_most(wide / 2, narrow, "the bias is of a higher order than h", fit=fit, phase=phase)


# h ≤ 1/6, so that κ = 1/h² is 36 or more; models are in h².
KAPPA = 36
LARGEST = fmpq(1, KAPPA)


def _moment(power: int) -> FirstOrderModel:
    """``∫_0^{2κ} z^{j−1/2} e^{−z} (1 − z/2κ)^{−1/2} dz``, which is ``E[(1 − cos t)^j] h^{−2j}`` but
    for a factor.

    It is ``Γ(j + 1/2)`` plus h² times something between ``−Γ(j + 3/2, 36)``, for what lies beyond
    κ, and ``(√2 − 1)Γ(j + 3/2) + 2^{j+3/2} κ^{j+3/2} e^{−κ}`` at κ = 36: ``(1 − y/2)^{−1/2}`` is
    convex, so at most ``1 + (√2 − 1)y`` for y ≤ 1, and ``∫_1^2 (1 − y/2)^{−1/2} dy = 2√2``; the
    last term falls in κ from j + 3/2 on."""
    half = arb(1) / 2
    root = arb(2).sqrt()
    beyond = arb(KAPPA).gamma_upper(power + 3 * half)
    far = 2 ** (power + 1) * root * arb(KAPPA) ** (power + 3 * half) * arb(-KAPPA).exp()
    above = (root - 1) * (power + 3 * half).gamma() + far
    return FirstOrderModel((power + half).gamma(), between(-beyond, above), LARGEST)


def _chebyshev(order: int) -> list[int]:
    """Coefficients of ``T_m(1 − y)``: ``cos mt`` in ``y = 1 − cos t``."""
    before, now = [1], [1, -1]
    for _ in range(order - 1):
        doubled = [0] * (len(now) + 1)
        for index, value in enumerate(now):
            doubled[index] += 2 * value
            doubled[index + 1] -= 2 * value
        for index, value in enumerate(before):
            doubled[index] -= value
        before, now = now, doubled
    return now


def _even_fit(power: int, degree: int) -> FirstOrderModel:
    """Intercept of ``y^j`` over ``h^{2j}`` under a fit on 1, or on 1 and y."""
    if degree == 0:
        return _moment(power) / _moment(0)
    determinant = _moment(0) * _moment(2) - _moment(1) * _moment(1)
    crossed = _moment(2) * _moment(power) - _moment(1) * _moment(power + 1)
    return crossed / determinant


def _bias_is(degree, first, constant, remainder) -> None:
    """``E[cos mt] − 1`` or its like, divided by ``h^{2·first}``, as a model in h²."""
    with precision(96):
        square = FirstOrderModel(0, 1, LARGEST)
        for order in range(1, 7):
            total = FirstOrderModel(0, 0, LARGEST)
            for power, coefficient in reversed(list(enumerate(_chebyshev(order)))):
                if power >= first:
                    total = total * square + _even_fit(power, degree) * coefficient
            contains(total.value, constant(order), "the constant is another", m=order)
            at_most(abs(total.slope), ball(remainder(order)), "the remainder is larger", m=order)


_BOUND = "m = 1, …, 6, every 0 < h ≤ 1/6"
_BY = "models in h², ball arithmetic (Arb)"


@check(
    SPHERE_RATES,
    part="local constant",
    establishes=enclosure(bound=_BOUND, by=_BY),
    claimed=dict(degree=0, constant=lambda m: fmpq(-m * m, 2)),
    controls={
        "half of the constant": dict(constant=lambda m: fmpq(-m * m, 4)),
        "affine fit": dict(degree=1),
    },
)
def order_of_the_local_constant_fit(degree, constant) -> None:
    """``cos m(x + t) = cos mx cos mt − sin mx sin mt``; the odd part has the mean 0. In
    ``y = 1 − cos t`` the weights are ``e^{−κy}y^{−1/2}(2 − y)^{−1/2}``, and ``z = κy``."""
    _bias_is(degree, 1, constant, lambda m: fmpq(m**4))


@check(
    SPHERE_RATES,
    part="ambient plane",
    establishes=enclosure(bound=_BOUND, by=_BY),
    claimed=dict(degree=1, constant=lambda m: fmpq(-m * m * (m * m - 1), 8)),
    controls={
        "sign": dict(constant=lambda m: fmpq(m * m * (m * m - 1), 8)),
        "constant without the first harmonic": dict(constant=lambda m: fmpq(-(m**4), 8)),
        "constant fit": dict(degree=0),
    },
)
def order_of_the_ambient_fit(degree, constant) -> None:
    """The regressors 1 and ``cos t − 1 = −y`` take the even part, ``sin t`` the odd one, whose
    intercept is 0. What is left begins with y²."""
    _bias_is(degree, 2, constant, lambda m: fmpq(m**6))


@check(
    SPHERE_RATES,
    part="tangent line",
    establishes=prime_field(bound="three pairs of keys, all coordinates, weights and values"),
    claimed=dict(mirrored=lambda weights: weights),
    controls={"uneven weights": dict(mirrored=lambda weights: 2 * weights)},
)
def tangent_fit_of_mirrored_keys(mirrored) -> None:
    """Keys evenly on the circle come in pairs with the coordinates ``± sin t`` along the tangent
    and one weight; then the fit affine in that coordinate is the weighted mean."""

    def defect(places, weights, values):
        keys = np.concatenate([places, -places])[:, None]
        both = np.concatenate([weights, mirrored(weights)])
        fitted = local_linear_weights(keys, 0 * keys[0], both, 0)
        return np.array([fitted @ values - (both @ values) / both.sum()])

    vanishes(defect, [(3,), (3,), (6,)], seed=12)


QUERIES = (fmpq(0), fmpq(1, 3), fmpq(2))
BANDWIDTHS = (fmpq(1, 6), fmpq(1, 12), fmpq(1, 40))


@check(
    SPHERE_RATES,
    part="local constant",
    establishes=enclosure(bound="m ≤ 3, three queries, h = 1/6, 1/12, 1/40"),
    claimed=dict(fit="local constant", order=2, leading=lambda m: fmpq(-m * m, 2)),
    controls={"ambient plane": dict(fit="ambient plane"), "order four": dict(order=4)},
)
def bessel_functions_by_definition(fit, order, leading) -> None:
    """The fit from its integrals against Bessel functions and against the expansion."""
    with precision(128):
        for m in (1, 2, 3):
            for x in QUERIES:
                for h in BANDWIDTHS:
                    bias = circle_bias(lambda u, m=m: (m * u).cos(), x, h, fit)
                    along = (arb(x) * m).cos()
                    sharp = 1 / arb(h) ** 2
                    ratio = sharp.bessel_i(m) / sharp.bessel_i(0)
                    contains(bias, (ratio - 1) * along, "no ratio of Bessel functions", m=m, x=x)
                    at_most(
                        abs(ratio - 1 - arb(h) ** order * leading(m)),
                        arb(h) ** 4 * m**4,
                        "the remainder is larger",
                        m=m,
                        h=h,
                    )


@check(
    SPHERE_RATES,
    part="ambient plane",
    establishes=enclosure(bound="m ≤ 3, three queries, h = 1/6, 1/12, 1/40"),
    claimed=dict(fit="ambient plane"),
    controls={"tangent line": dict(fit="tangent line"), "constant": dict(fit="local constant")},
)
def ambient_fit_by_definition(fit) -> None:
    """The fit from its integrals against the expansion."""
    with precision(128):
        for m in (1, 2, 3):
            for x in QUERIES:
                for h in BANDWIDTHS:
                    bias = circle_bias(lambda u, m=m: (m * u).cos(), x, h, fit)
                    leading = fmpq(-m * m * (m * m - 1), 8) * arb(h) ** 4 * (arb(x) * m).cos()
                    at_most(
                        abs(bias - leading),
                        arb(h) ** 6 * m**6,
                        "the remainder is larger",
                        m=m,
                        x=x,
                        h=h,
                    )
