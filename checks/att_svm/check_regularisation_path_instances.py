"""The bounds of the regularisation path on numbers, and its measured rate."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.rational import rational, rational_array, to_float
from attnproof.theory.core import check, measured, note, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.softmax_attention import power_of_two
from attnproof.theory.paper.att_svm.attention_loss import (
    attention_outputs,
    exact_arrays,
    float_arrays,
)
from attnproof.theory.paper.att_svm.data_sets import (
    DEGENERATE,
    NOT_UNIQUE,
    RANK_TWO,
    RATIONAL_NUCLEAR,
    STRICTLY_COMPLEMENTARY,
    data_set,
)
from attnproof.theory.paper.att_svm.max_margin_matrix import max_margin_matrix
from attnproof.theory.paper.att_svm.norm_constrained_minimiser import frobenius_path, nuclear_path
from attnproof.theory.paper.att_svm.path_constant import path_constant
from attnproof.theory.paper.att_svm.regularisation_path import (
    CORRELATION_BOUND,
    REGULARISATION_PATH,
)

INTEGER = (DEGENERATE, STRICTLY_COMPLEMENTARY, RANK_TWO)
RADII = (5, 10, 20, 40, 80)
# Value of the nuclear max-margin problem: exact for the last two, to seven digits for the others.
NUCLEAR_VALUE = {
    STRICTLY_COMPLEMENTARY.name: 1.6838660,
    RANK_TWO.name: 0.7517794,
    RATIONAL_NUCLEAR.name: 50 / 31,
    NOT_UNIQUE.name: 2.0,
}


def solution_of(data) -> np.ndarray:
    """W^mm for the best tokens."""
    return max_margin_matrix(data.constraints(data.optimal)).matrix


def first_tokens(data) -> np.ndarray:
    """The solution that selects token 0 of every sample."""
    return max_margin_matrix(data.constraints((0,) * data.samples)).matrix


def margins(data, weight: np.ndarray) -> list:
    """⟨A_it, W⟩ for the best tokens, in the number system of W."""
    convert = to_float if weight.dtype == float else (lambda array: array)
    constraints = data.constraints(data.optimal).values()
    return [(convert(rational_array(a)) * weight).sum() for a in constraints]


def _gaps(data) -> list:
    return [max(row) - g for row in data.scores for g in row if g != max(row)]


# One sample whose other tokens coincide, and three samples, two of them with margin ten.
COINCIDING = data_set("coinciding", [[[1], [0], [0]]], [[1]], scores=[[1, 0, 0]])
ONE_CLOSE = data_set(
    "one close",
    [[[1, 0], [0, 0]], [[0, 1], [0, 0]], [[0, 2], [0, 1]]],
    [[1, 0], [0, 1], [0, 1]],
    head=(1, 1),
)


def _with_margins() -> Iterator[tuple]:
    yield COINCIDING, rational_array([[5]])
    yield ONE_CLOSE, rational_array([[0, 0], [0, 10]])
    for draw in independent_draws(400, seed=64):
        data = INTEGER[int(draw.random.integers(3))]
        weight = rational_array(draw.random.integers(-6, 7, (2, 2)).tolist())
        if min(margins(data, weight)) < 0:
            draw.discard()
        else:
            yield data, weight


def _behind() -> Iterator[tuple]:
    yield DEGENERATE, rational_array([[-3, 0], [0, 0]])


def _upper(n, T, gaps):
    return (T - 1) * max(gaps)


def _lower(n, T, gaps):
    return min(gaps) / rational(n * T)


@check(
    REGULARISATION_PATH,
    part="loss and margin",
    establishes=sampled(
        over="three data sets, integer W with entries up to 6", by="softmax in base two, ℓ(x) = −x"
    ),
    claimed=dict(lower=_lower, upper=_upper, instances=_with_margins),
    controls={
        "one token instead of T - 1": dict(upper=lambda n, T, gaps: max(gaps)),
        "smallest lead above": dict(upper=lambda n, T, gaps: (T - 1) * min(gaps)),
        "samples not counted below": dict(lower=lambda n, T, gaps: min(gaps) / rational(T)),
        "largest lead below": dict(lower=lambda n, T, gaps: max(gaps) / rational(n)),
        "a negative margin": dict(instances=_behind, drops="margin not negative"),
    },
)
def exponential_bounds_on_instances(lower, upper, instances) -> None:
    """L − L_⋆ from the definition of the output, against both bounds with 2 in the place of e."""
    for data, weight in instances():
        outputs = attention_outputs(*exact_arrays(data), weight, power_of_two)
        best = rational_array([max(row) for row in data.scores])
        excess = (best - outputs).sum() / len(outputs)
        margin = min(margins(data, weight))
        factor = rational(2) ** -int(margin.p)
        gaps = list(map(rational, _gaps(data)))
        bounds = [side(data.samples, data.length, gaps) * factor for side in (lower, upper)]
        refute_unless(
            bool(bounds[0] <= excess <= bounds[1]),
            "the loss lies outside its bounds",
            data=data.name,
            W=weight,
            margin=margin,
            smallest_gap=min(gaps),
            excess=excess,
            bounds=bounds,
        )


def _mean_margin(values):
    return sum(values) / len(values)


@check(
    CORRELATION_BOUND,
    establishes=sampled(
        over="four data sets, integer W with entries up to 6", by="exact rationals"
    ),
    claimed=dict(solution=solution_of, margin=min),
    controls={
        "twice the solution": dict(solution=lambda data: 2 * solution_of(data)),
        "first tokens instead of the best": dict(solution=lambda data: first_tokens(data)),
        "mean margin": dict(margin=_mean_margin),
        "largest margin": dict(margin=max),
    },
)
def inner_products_on_instances(solution, margin) -> None:
    """⟨W, W^mm⟩ ≥ m(W) ‖W^mm‖², which holds with equality at W = W^mm."""
    slack = []
    for draw in independent_draws(80, seed=65):
        data = (*INTEGER, RATIONAL_NUCLEAR)[int(draw.random.integers(4))]
        weight = rational_array(draw.random.integers(-6, 7, (2, 2)).tolist())
        found = solution(data)
        left = (weight * found).sum()
        right = margin(margins(data, weight)) * (found * found).sum()
        refute_unless(
            bool(left >= right),
            "the correlation is smaller than the bound",
            data=data.name,
            W=weight,
            W_mm=found,
            inner=left,
            bound=right,
        )
        slack.append(left - right)
    note(least_slack=min(slack))


@check(
    REGULARISATION_PATH,
    part="Frobenius",
    establishes=measured(over="four data sets, R = 5, …, 80, ℓ(x) = −x", by="computed minimisers"),
    claimed=dict(constant=path_constant, solution=solution_of),
    controls={
        "constant zero": dict(constant=lambda data: 0.0),
        "first tokens instead of the best": dict(solution=lambda data: first_tokens(data)),
    },
)
def computed_minimisers_keep_the_bound(constant, solution) -> None:
    """m(W_R) ≥ R/ν − c and 1 − corr ≤ c ν/R for the minimisers that Newton's method finds."""
    for data in (DEGENERATE, STRICTLY_COMPLEMENTARY, RANK_TWO, RATIONAL_NUCLEAR):
        found = to_float(solution(data))
        norm, shift = np.linalg.norm(found), constant(data)
        for radius, weight in zip(RADII, frobenius_path(float_arrays(data), RADII), strict=True):
            if radius > shift * norm:
                margin = min(margins(data, weight))
                deficit = 1 - (weight * found).sum() / (norm * np.linalg.norm(weight))
                # A margin has eight products below 10³: rounding moves it by less than 1e-11.
                refute_unless(
                    bool(margin >= radius / norm - shift - 1e-11)
                    and bool(deficit <= shift * norm / radius),
                    "the computed minimiser breaks the bound",
                    data=data.name,
                    R=radius,
                    W=weight,
                    margin=margin,
                    least_margin=radius / norm - shift,
                    deficit=deficit,
                )


# Descent in (K, Q) may end at a stationary point; these starts do not.
STARTS = {STRICTLY_COMPLEMENTARY: 0, RANK_TWO: 5, RATIONAL_NUCLEAR: 0, NOT_UNIQUE: 0}


@check(
    REGULARISATION_PATH,
    part="nuclear",
    establishes=measured(over="four data sets, R = 5, …, 80, ℓ(x) = −x", by="computed minimisers"),
    claimed=dict(
        constant=path_constant, path=lambda data, seed: nuclear_path(data, RADII, seed=seed)
    ),
    controls={
        "constant zero": dict(constant=lambda data: 0.0),
        "path of the Frobenius norm": dict(path=lambda data, seed: frobenius_path(data, RADII)),
    },
)
def computed_factors_keep_the_bound(constant, path) -> None:
    """m(KQᵀ) ν_⋆/‖KQᵀ‖_⋆ ≥ 1 − c ν_⋆/R, with ‖KQᵀ‖_⋆ = R, for computed minimisers in (K, Q)."""
    ratios = {}
    for data, seed in STARTS.items():
        value, shift = NUCLEAR_VALUE[data.name], constant(data)
        for radius, weight in zip(RADII, path(float_arrays(data), seed), strict=True):
            norm = np.linalg.norm(weight, "nuc")
            ratio = min(margins(data, weight)) * value / norm
            ratios.setdefault(data.name, []).append(round(float(ratio), 4))
            # The values ν_⋆ carry seven digits, the solutions of Newton's method ten.
            refute_unless(
                bool(1 - shift * value / radius <= ratio + 1e-6)
                and bool(abs(norm - radius) < 1e-6),
                "the computed minimiser breaks the bound",
                data=data.name,
                R=radius,
                W=weight,
                nuclear_norm=norm,
                ratio=ratio,
            )
    note(margin_ratios=str(ratios))
