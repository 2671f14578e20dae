"""How fast the regularisation path turns to the max-margin solution, measured."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.rational import rational, rational_array, to_float
from attnproof.theory.core import Plot, Series, check, measured, note, plot, refute_unless
from attnproof.theory.paper.att_svm.attention_loss import float_arrays
from attnproof.theory.paper.att_svm.data_sets import (
    DEGENERATE,
    LOCALLY_OPTIMAL,
    RANK_TWO,
    RATIONAL_NUCLEAR,
    STRICTLY_COMPLEMENTARY,
)
from attnproof.theory.paper.att_svm.max_margin_matrix import max_margin_matrix
from attnproof.theory.paper.att_svm.norm_constrained_minimiser import frobenius_path, nuclear_path
from attnproof.theory.paper.att_svm.path_constant import path_constant
from attnproof.theory.paper.att_svm.regularisation_path import PATH_RATE, REGULARISATION_PATH


def solution_of(data) -> np.ndarray:
    """W^mm for the best tokens."""
    return max_margin_matrix(data.constraints(data.optimal)).matrix


def first_tokens(data) -> np.ndarray:
    """The solution that selects token 0 of every sample."""
    return max_margin_matrix(data.constraints((0,) * data.samples)).matrix


FAR = (20, 40, 80, 160)


def _deficits(data, reference) -> np.ndarray:
    path = frobenius_path(float_arrays(data), FAR)
    correlation = [
        (weight * reference).sum() / np.linalg.norm(weight) / np.linalg.norm(reference)
        for weight in path
    ]
    return 1 - np.array(correlation)


def _nuclear_direction(data) -> np.ndarray:
    return nuclear_path(float_arrays(data), (5, 20, 80), seed=0)[-1]


@check(
    PATH_RATE,
    part="rate",
    establishes=measured(over="two data sets, R = 20, …, 160, ℓ(x) = −x", by="fitted slope"),
    claimed=dict(
        data_sets=(STRICTLY_COMPLEMENTARY, RATIONAL_NUCLEAR),
        reference=lambda data: to_float(solution_of(data)),
        slope=-2.0,
    ),
    controls={
        "an active constraint without multiplier": dict(data_sets=(DEGENERATE,)),
        "nuclear solution instead": dict(reference=_nuclear_direction),
        "first tokens instead of the best": dict(
            reference=lambda data: to_float(first_tokens(data))
        ),
        "falls like 1/R": dict(slope=-1.0),
    },
)
def deficit_falls_with_the_square(data_sets, reference, slope) -> None:
    """Least squares for log(1 − corr) against log R; within a fifth of −2."""
    for data in data_sets:
        deficit = _deficits(data, reference(data))
        fitted = np.polyfit(np.log(FAR), np.log(np.abs(deficit)), 1)[0]
        solution = max_margin_matrix(data.constraints(data.optimal))
        refute_unless(
            bool(abs(fitted - slope) < 0.2),
            "the deficit falls with another power of R",
            data=data.name,
            R=list(FAR),
            deficit=deficit,
            fitted=float(fitted),
            multipliers=[solution.multipliers.get(key, rational(0)) for key in solution.margins],
            solution_margins=list(solution.margins.values()),
        )
        note(**{f"deficit, {data.name}": [f"{value:.2e}" for value in deficit]})
        note(**{f"slope, {data.name}": round(float(fitted), 3)})


@check(
    PATH_RATE,
    part="orthogonal part",
    establishes=measured(
        over="three data sets, R = 20, …, 160, ℓ(x) = −x", by="computed minimisers"
    ),
    claimed=dict(constant=path_constant, exponent=1),
    controls={
        "constant zero": dict(constant=lambda data: 0.0),
        "twice the exponent": dict(exponent=2),
    },
)
def computed_minimisers_stay_near_the_span(constant, exponent) -> None:
    """The margins of the active constraints lie within their bounds, and ‖N‖ below both of its."""
    for data in (STRICTLY_COMPLEMENTARY, LOCALLY_OPTIMAL, RANK_TWO):
        solution = max_margin_matrix(data.constraints(data.optimal))
        rows = {k: to_float(rational_array(a)) for k, a in data.constraints(data.optimal).items()}
        c, nu = constant(data), float(np.linalg.norm(to_float(solution.matrix)))
        radius_of_rows = max(np.linalg.norm(row) for row in rows.values())
        inside = np.array([rows[k].ravel() for k in solution.multipliers])
        outside = [k for k in rows if k not in solution.multipliers]
        for R, weight in zip(FAR, frobenius_path(float_arrays(data), FAR), strict=True):
            flat = weight.ravel()
            rest = flat - np.linalg.lstsq(inside.T, flat, rcond=None)[0] @ inside
            active = {k: (rows[k] * weight).sum() for k in solution.multipliers}
            gap = min((rows[k] * weight).sum() for k in outside) - min(active.values())
            bounds = (
                np.sqrt(2 * c * nu * R),
                2 * radius_of_rows * nu * R * np.exp(c - exponent * gap),
            )
            above = [active[k] - R / nu + c for k in active]
            caps = [c * nu**2 / float(Fraction(str(b))) for b in solution.multipliers.values()]
            # Margins are below 10³; the minimisers solve their equations to ten digits.
            refute_unless(
                all(-1e-7 <= value <= cap + 1e-7 for value, cap in zip(above, caps, strict=True))
                and bool(np.linalg.norm(rest) <= min(bounds) + 1e-8),
                "the computed minimiser breaks a bound",
                data=data.name,
                R=R,
                W=weight,
                norm_outside=float(np.linalg.norm(rest)),
                bounds=[float(bound) for bound in bounds],
                margins_above_the_least=[float(value) for value in above],
            )


@plot(REGULARISATION_PATH)
def deficits_and_bound() -> Plot:
    """1 − corr along the path, and the proved bound."""
    radii = [5 * 2 ** (k / 2) for k in range(9)]
    series = []
    for data in (DEGENERATE, STRICTLY_COMPLEMENTARY, RATIONAL_NUCLEAR):
        found = to_float(solution_of(data))
        norm = np.linalg.norm(found)
        path = frobenius_path(float_arrays(data), radii)
        deficit = [
            float(1 - (weight * found).sum() / norm / np.linalg.norm(weight)) for weight in path
        ]
        series.append(Series(label=data.name, x=[1 / r for r in radii], y=deficit))
    data = STRICTLY_COMPLEMENTARY
    bound = [
        path_constant(data) * float(np.linalg.norm(to_float(solution_of(data)))) / r for r in radii
    ]
    series.append(
        Series(label=f"c ν/R, {data.name}", x=[1 / r for r in radii], y=bound, style="guide")
    )
    return Plot(
        title="The regularisation path approaches the max-margin direction",
        x_label="1/R",
        y_label="1 − corr(W_R, W^mm)",
        series=series,
        x_scale="log",
        y_scale="log",
        caption="The proved bound falls like 1/R; the deficit itself like 1/R², with a logarithm "
        "where a constraint is active with multiplier zero.",
    )
