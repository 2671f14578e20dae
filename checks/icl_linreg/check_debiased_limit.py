"""Two softmax heads of opposite sign, expanded in their scale."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from flint import ctx, fmpq_series

from attnproof.theory.algebra.ball import ball, ball_array, precision
from attnproof.theory.algebra.free_algebra import FreeElement, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, enclosure, note, proof, refute_unless, sampled
from attnproof.theory.engine.ball_comparison import at_most, width
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.in_context_softmax_regression import in_context_softmax_regression
from attnproof.theory.paper.icl_linreg.debiased_gradient_descent import DEBIASED_LIMIT
from attnproof.theory.paper.icl_linreg.gradient_descent_prediction import (
    debiased_gradient_descent_prediction,
    gradient_descent_prediction,
)

# One token's centred score t and the means m_k of its powers; w is the scale ω.
T, M2, M3, M4, W = scalars("t m2 m3 m4 w")
SQUARE, FOURTH = (T**2 - M2) / 2, T**4 / 24 - M4 / 24 - M3 * T / 6 + M2**2 / 4 - M2 * T**2 / 4
CUBE = (T**3 - M3) / 6 - M2 * T / 2


def _coefficient(element: FreeElement, power: int) -> FreeElement:
    """The coefficient of ``w^power``."""
    kept = {}
    for (central, word), value in element.terms.items():
        if dict(central).get("w", 0) == power:
            rest = tuple((name, exponent) for name, exponent in central if name != "w")
            kept[(rest, word)] = value
    return FreeElement(kept)


def _exponential_series(first, second, third, fourth) -> FreeElement:
    return 1 + W * first + W**2 * second / 2 + W**3 * third / 6 + W**4 * fourth / 24


@check(
    DEBIASED_LIMIT,
    part="expansion",
    establishes=proof(over="every L, all data", by="power series in ω over symbols"),
    claimed=dict(first=T, cube=CUBE),
    controls={
        "scores not centred in the third order": dict(cube=T**3 / 6 - M2 * T / 2),
        "no correction for the variance": dict(cube=(T**3 - M3) / 6),
        "variance correction with the other sign": dict(cube=(T**3 - M3) / 6 + M2 * T / 2),
        "first order doubled": dict(first=2 * T),
    },
)
def weights_as_a_power_series(first, cube) -> None:
    """Softmax does not see a shift, so let the scores be centred, m_1 = 0. L softmax(ωs)_l is the
    series P with ``P · (1/L) Σ_m e^{ω s̃_m} = e^{ω s̃_l}``, and the mean of the exponentials is
    ``1 + m_2ω²/2 + m_3ω³/6 + m_4ω⁴/24 + O(ω⁵)`` whatever L. The series with constant term 1 is
    invertible, so P is determined; each of its coefficients up to ω⁴ is compared. The pair takes
    ``P(ω) − P(−ω)``, twice the odd part, where the next order is ω⁵."""
    weights = 1 + W * first + W**2 * SQUARE + W**3 * cube + W**4 * FOURTH
    normaliser = _exponential_series(0, M2, M3, M4)
    own = _exponential_series(T, T**2, T**3, T**4)
    for order in range(5):
        follows(
            _coefficient(weights * normaliser - own, order),
            message=f"the weights differ at order {order}",
        )


def _third_order(scores, labels, variance=1):
    centred = scores - np.sum(scores) / len(scores)
    second, third = np.sum(centred**2) / len(scores), np.sum(centred**3) / len(scores)
    return ((centred**3 - third) / 6 - variance * second * centred / 2) @ labels / len(scores)


def _series(array: np.ndarray) -> np.ndarray:
    made = np.empty(np.shape(array), dtype=object)
    for index, entry in np.ndenumerate(array):
        made[index] = entry.exp()
    return made


def _column(*series: fmpq_series) -> np.ndarray:
    """Shape (H, 1). Built entry by entry, since NumPy would take a series for a list."""
    made = np.empty((len(series), 1), dtype=object)
    for position, entry in enumerate(series):
        made[position, 0] = entry
    return made


@check(
    DEBIASED_LIMIT,
    part="expansion",
    establishes=sampled(
        over="rational data, 2 ≤ L ≤ 6, d = 2", by="the layer on formal power series over ℚ"
    ),
    claimed=dict(reference=debiased_gradient_descent_prediction, third=_third_order, even=0),
    controls={
        "plain gradient descent": dict(reference=gradient_descent_prediction),
        "variance correction once, not one half": dict(
            third=lambda scores, labels: _third_order(scores, labels, 2)
        ),
        "a term of second order": dict(even=1),
    },
)
def layer_on_power_series(reference, third, even) -> None:
    """The operator itself, run with ω an indeterminate: coefficients of ω to ω⁴ at μ = 1."""
    before, ctx.cap = ctx.cap, 6
    try:
        for draw in independent_draws(20, seed=7):
            length = int(draw.random.integers(2, 7))
            tokens = rational_array(draw.random.integers(-4, 5, (length, 2)).tolist()) / rational(3)
            labels = rational_array(draw.random.integers(-4, 5, length).tolist())
            query = rational_array(draw.random.integers(-3, 4, 2).tolist())
            output = in_context_softmax_regression(
                *(tokens, labels, query),
                _column(fmpq_series([0, 1]), fmpq_series([0, -1])),
                np.array([1, -1]),
                power=_series,
            )
            expected = [0, reference(tokens, labels, query, rational(2)), even]
            expected += [2 * third(tokens @ query, labels), 0]
            for order, value in enumerate(expected):
                refute_unless(
                    output[order] == value,
                    f"the coefficient of order {order} is another",
                    tokens=tokens,
                    labels=labels,
                    query=query,
                    found=output[order],
                    expected=rational(value) if value == 0 else value,
                )
    finally:
        ctx.cap = before


TOKENS = [["1/2", 1], [-1, "3/4"], ["5/4", "-1/2"], ["1/4", "-3/2"], ["-3/4", "1/4"]]
LABELS, QUERY = ["3/2", -1, "1/2", 2, "-1/3"], [1, "2/3"]


@check(
    DEBIASED_LIMIT,
    part="limit",
    establishes=proof(over="every L, all data", by="power series in ω over symbols"),
    claimed=dict(reference=lambda t, mean: t, exponent=1),
    controls={
        "plain gradient descent": dict(reference=lambda t, mean: t + mean),
        "heads that do not grow": dict(exponent=0),
        "heads that grow twice as fast": dict(exponent=2),
    },
)
def limit_with_growing_heads(reference, exponent) -> None:
    """With ``μ = η/(2ω)`` the weight of one label is ``η(P(ω) − P(−ω))/(2ωL)``; at ``exponent`` 1
    its orders 0, 1, 2, 3 are s̃, 0, C_3's term and 0. P is the series proved above."""
    (mean,) = scalars("mean")
    pair = 2 * (W * T + W**3 * CUBE)
    for order, value in enumerate((reference(T, mean), 0, CUBE, 0)):
        follows(
            _coefficient(pair, order + exponent) / 2 - value,
            message=f"the limit is another at order {order} of the scale",
        )


@check(
    DEBIASED_LIMIT,
    part="limit",
    establishes=enclosure(bound="one data set of 5 tokens in the plane, ω = 1/100 and 1/1000"),
    claimed=dict(reference=debiased_gradient_descent_prediction, third=_third_order, order=2),
    controls={
        "plain gradient descent": dict(reference=gradient_descent_prediction),
        "variance correction dropped": dict(
            third=lambda scores, labels: _third_order(scores, labels, 0)
        ),
        "error of first order": dict(order=1),
    },
)
def error_of_the_pair(reference, third, order) -> None:
    """``|error/ω² − ηC_3| ≤ 100 ω²`` at both scales. The bound 100 is generous for this data; the
    claim is that one constant serves at scales a factor of ten apart."""
    with precision(200):
        tokens, labels, query = ball_array(TOKENS), ball_array(LABELS), ball_array(QUERY)
        predicted = third(tokens @ query, labels)
        for scale in (Fraction(1, 100), Fraction(1, 1000)):
            omega, weight = ball(scale), ball(Fraction(1, 2) / scale)
            output = in_context_softmax_regression(
                tokens, labels, query, np.array([omega, -omega]), np.array([weight, -weight])
            )
            error = output - reference(tokens, labels, query, ball(1))
            at_most(
                abs(error / omega**order - predicted),
                100 * omega**2,
                "the error is not the one of third order",
                omega=scale,
                error=error,
            )
        note(third_order=float(predicted.mid()), enclosure_width=width(error))


@check(
    DEBIASED_LIMIT,
    part="zero sum",
    establishes=proof(over="every L, all data", by="power series in ω over symbols"),
    claimed=dict(constant=lambda first, second: first + second),
    controls={
        "no bias whatever the sum": dict(constant=lambda first, second: 0 * first),
        "difference in place of the sum": dict(constant=lambda first, second: first - second),
    },
)
def bias_of_two_heads(constant) -> None:
    """Orders 0 and 1 of ``μ_1 P(ω) + μ_2 P(−ω)``, the weight of one label times L."""
    first, second = scalars("mu1 mu2")
    ahead, back = 1 + W * T + W**2 * SQUARE, 1 - W * T + W**2 * SQUARE
    mixed = first * ahead + second * back
    follows(_coefficient(mixed, 0) - constant(first, second), message="another bias")
    follows(_coefficient(mixed, 1) - (first - second) * T, message="another first order")
