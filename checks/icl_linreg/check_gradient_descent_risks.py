"""The risk of one gradient step in closed form, for every length and dimension."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import prod

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, scalars
from attnproof.theory.algebra.gaussian_expectation import gaussian_expectation
from attnproof.theory.algebra.rational import rational
from attnproof.theory.algebra.rational_function import RationalFunction, variables
from attnproof.theory.core import Plot, Series, check, note, plot, proof, refute_unless
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.paper.icl_linreg.debiased_gradient_descent import GRADIENT_DESCENT_RISKS
from attnproof.theory.paper.icl_linreg.gradient_descent_prediction import (
    debiased_gradient_descent_prediction,
    gradient_descent_prediction,
)

LENGTHS, DIMENSIONS = range(1, 5), range(1, 4)
LENGTH, DIMENSION, STEP, NOISE = variables("L d eta noise")


@cache
def _risk(predict, length: int, dimension: int) -> FreeElement:
    """``E (ŷ − y_q)²`` from the definitions: a polynomial in the step η and the noise σ²."""
    step, noise = scalars("eta noise")
    variances: dict[str, object] = {}

    def normal(name: str, *shape: int, variance: object = 1) -> np.ndarray:
        made = np.empty(shape, dtype=object)
        for index in np.ndindex(*shape):
            label = name + "".join(map(str, index))
            (made[index],) = scalars(label)
            variances[label] = FreeElement.constant(1) * variance
        return made

    tokens, query = normal("x", length, dimension), normal("q", dimension)
    weights = normal("b", dimension, variance=FreeElement.constant(1) / dimension)
    labels = tokens @ weights + normal("e", length, variance=noise)
    (fresh,) = normal("f", 1, variance=noise)
    error = predict(tokens, labels, query, step) - (weights @ query + fresh)
    return gaussian_expectation(error * error, variances)


def _value(element: FreeElement, **given: RationalFunction) -> object:
    return sum(
        rational(coefficient) * prod(given[name] ** power for name, power in central)
        for (central, _), coefficient in element.terms.items()
    )


def _require_degrees(formula) -> None:
    """``L⁴ d · formula`` is a polynomial, of degree ≤ 4 in L and ≤ 3 in d, without constant."""
    cleared = formula(LENGTH, DIMENSION, STEP, NOISE) * LENGTH**4 * DIMENSION
    degrees = cleared.element.numer.degrees()
    refute_unless(
        cleared.element.denom.is_ground and degrees[0] <= 4 and degrees[1] <= 3,
        "the formula has not the degrees that the interpolation needs",
        degrees=[int(degree) for degree in degrees],
    )


def _gradient_descent(L, d, eta, noise):
    return 1 + noise - 2 * eta + eta**2 * (1 + (d + 1 + noise * d) / L)


def _debiased(L, d, eta, noise):
    return 1 + noise - 2 * eta * (L - 1) / L + eta**2 * (L - 1) * (L + d + noise * d) / L**2


def _compare(predict, formula) -> None:
    _require_degrees(formula)
    for length in LENGTHS:
        for dimension in DIMENSIONS:
            size = LENGTH * 0 + length, DIMENSION * 0 + dimension
            identical(
                _value(_risk(predict, length, dimension), eta=STEP, noise=NOISE) + 0 * LENGTH,
                formula(*size, STEP, NOISE),
                f"the risk at L = {length}, d = {dimension} is another",
            )


OVER = "every L, every d, every step and noise (interpolation of a polynomial of known degrees)"


@check(
    GRADIENT_DESCENT_RISKS,
    part="gradient descent",
    establishes=proof(over=OVER, by="Isserlis' formula on symbols"),
    claimed=dict(predict=gradient_descent_prediction, formula=_gradient_descent),
    controls={
        "one dimension fewer": dict(
            formula=lambda L, d, eta, noise: _gradient_descent(L, d, eta, noise) - eta**2 / L
        ),
        "noise of the query left out": dict(
            formula=lambda L, d, eta, noise: _gradient_descent(L, d, eta, noise) - noise
        ),
        "noise of the labels once, not d times": dict(
            formula=lambda L, d, eta, noise: (
                1 + noise - 2 * eta + eta**2 * (1 + (d + 1 + noise) / L)
            )
        ),
        "debiased prediction": dict(predict=debiased_gradient_descent_prediction),
    },
)
def risk_of_gradient_descent(predict, formula) -> None:
    """L² d times the risk is a polynomial in L and d. With ``Lŷ = η Σ_l Σ_{i,j} β_j x_lj x_li q_i
    + noise``, the square is a sum over two tokens l, l' and coordinates i, i', j, j'. Its
    expectation vanishes unless i = i' (the q) and j = j' (the β), and depends only on which of
    the indices are equal; so it has degree ≤ 2 in L, and, for each power of the variance 1/d of
    β, degree ≤ 2 in d. Empty sums vanish: L⁴ d times the risk has no constant term in L, nor in
    d. Hence L ≤ 4 and d ≤ 3 determine it. The values there are exact, by Isserlis' formula, with
    the step and the noise as symbols."""
    _compare(predict, formula)
    step, noise = Fraction(897, 1000), Fraction(1, 10)
    note(
        example="step 0.897, d = 5, σ² = 0.1, L = 10, 20, 40, 100",
        risks=[round(float(formula(Fraction(n), 5, step, noise)), 4) for n in (10, 20, 40, 100)],
    )


@check(
    GRADIENT_DESCENT_RISKS,
    part="debiased",
    establishes=proof(over=OVER, by="Isserlis' formula on symbols"),
    claimed=dict(predict=debiased_gradient_descent_prediction, formula=_debiased),
    controls={
        "L degrees of freedom": dict(
            formula=lambda L, d, eta, noise: 1 + noise - 2 * eta + eta**2 * (L + d + noise * d) / L
        ),
        "one dimension more": dict(
            formula=lambda L, d, eta, noise: _debiased(L, d, eta, noise) + eta**2 * (L - 1) / L**2
        ),
        "plain prediction": dict(predict=gradient_descent_prediction),
    },
)
def risk_of_debiased_gradient_descent(predict, formula) -> None:
    """As for gradient descent, but ``L²ŷ = η Σ_{l,m} y_l (s_l − s_m)`` has two token indices, so
    that the square has degree ≤ 4 in L."""
    _compare(predict, formula)


@check(
    GRADIENT_DESCENT_RISKS,
    part="best steps",
    establishes=proof(over="every L ≥ 1, d, σ²", by="completing the square in ℚ(L, d, σ², η)"),
    claimed=dict(
        step=LENGTH / (LENGTH + DIMENSION + 1 + NOISE * DIMENSION),
        best=1 + NOISE - LENGTH / (LENGTH + DIMENSION + 1 + NOISE * DIMENSION),
        centred_step=LENGTH / (LENGTH + DIMENSION + NOISE * DIMENSION),
        centred_best=1 + NOISE - (LENGTH - 1) / (LENGTH + DIMENSION + NOISE * DIMENSION),
    ),
    controls={
        "step of one": dict(step=1 + 0 * LENGTH),
        "same step for both": dict(
            centred_step=LENGTH / (LENGTH + DIMENSION + 1 + NOISE * DIMENSION)
        ),
        "L in place of L - 1": dict(
            centred_best=1 + NOISE - LENGTH / (LENGTH + DIMENSION + NOISE * DIMENSION)
        ),
    },
)
def best_steps(step, best, centred_step, centred_best) -> None:
    """``R(η) = R* + c(η − η*)²`` with ``c = 1 + (d + 1 + σ²d)/L > 0``, and
    ``c = (L − 1)(L + d + σ²d)/L² ≥ 0`` for the centred step, 0 only at L = 1."""
    a = DIMENSION * (1 + NOISE)
    for formula, at, least, curvature in (
        (_gradient_descent, step, best, (LENGTH + a + 1) / LENGTH),
        (_debiased, centred_step, centred_best, (LENGTH - 1) * (LENGTH + a) / LENGTH**2),
    ):
        identical(
            formula(LENGTH, DIMENSION, STEP, NOISE),
            least + curvature * (STEP - at) ** 2,
            "the minimum or the minimiser is another",
        )


@check(
    GRADIENT_DESCENT_RISKS,
    part="debiasing costs",
    establishes=proof(over="every L ≥ 1, d, σ²", by="rational-function identity"),
    claimed=dict(gap=lambda L, a: (1 + a) / ((L + a) * (L + a + 1))),
    controls={
        "debiasing gains": dict(gap=lambda L, a: -(1 + a) / ((L + a) * (L + a + 1))),
        "no difference": dict(gap=lambda L, a: 0 * L),
        "one over L plus a": dict(gap=lambda L, a: 1 / (L + a)),
    },
)
def debiasing_costs(gap) -> None:
    """The difference of the two minima of the part 'best steps'; every factor is positive."""
    a = DIMENSION * (1 + NOISE)
    plain = 1 + NOISE - LENGTH / (LENGTH + a + 1)
    centred = 1 + NOISE - (LENGTH - 1) / (LENGTH + a)
    identical(centred - plain, gap(LENGTH, a), "the difference of the risks is another")
    note(
        example="d = 5, σ² = 0.1, L = 10 and 40",
        costs=[round(float(gap(n, Fraction(11, 2))), 5) for n in (10, 40)],
    )


def _ridge_risk(length: int, dimension: int, noise: float, draws: int) -> float:
    """``σ² + E tr((I + XXᵀ/(dσ²))^{-1})/d`` by simulation."""
    tokens = np.random.default_rng(length).standard_normal((draws, length, dimension))
    gram = np.swapaxes(tokens, 1, 2) @ tokens
    values = np.linalg.eigvalsh(gram)
    return noise + float((1 / (1 + values / (dimension * noise))).sum(1).mean()) / dimension


@plot(GRADIENT_DESCENT_RISKS)
def risk_against_length() -> Plot:
    lengths = [5, 7, 10, 14, 20, 28, 40, 57, 80, 113, 160, 226, 320]
    a, noise = 5 * 1.1, 0.1
    return Plot(
        title="Risk against the length of the context, d = 5, σ² = 0.1",
        x_label="examples in the context",
        y_label="risk",
        x_scale="log",
        y_scale="log",
        series=[
            Series(
                label="gradient descent, best step",
                x=lengths,
                y=[1 + noise - n / (n + a + 1) for n in lengths],
            ),
            Series(
                label="debiased, best step",
                x=lengths,
                y=[1 + noise - (n - 1) / (n + a) for n in lengths],
            ),
            Series(
                label="ridge regression (Bayes)",
                x=lengths,
                y=[_ridge_risk(n, 5, noise, 2000) for n in lengths],
            ),
            Series(label="noise", x=lengths, y=[noise] * len(lengths), style="guide"),
        ],
        caption="One step of either kind is far from ridge regression; debiasing costs a little.",
    )
