"""The inequalities behind the limit of normalised descent, followed along runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attnproof.theory.algebra.rational import rational_array, to_float
from attnproof.theory.core import Plot, Series, check, measured, note, plot, refute_unless
from attnproof.theory.paper.att_svm.attention_loss import (
    descent_directions,
    excess_loss_logarithm,
    float_arrays,
)
from attnproof.theory.paper.att_svm.data_sets import (
    RANK_TWO,
    RATIONAL_NUCLEAR,
    STRICTLY_COMPLEMENTARY,
)
from attnproof.theory.paper.att_svm.gradient_descent import NORMALISED_LIMIT
from attnproof.theory.paper.att_svm.max_margin_matrix import max_margin_matrix


def _equal_others(data):
    """The same tokens; score 1 for the best one and 0 for all others."""
    rows = tuple(tuple(int(s == max(row)) for s in row) for row in data.scores)
    return replace(data, scores=rows)


DATA = tuple(map(_equal_others, (STRICTLY_COMPLEMENTARY, RANK_TWO, RATIONAL_NUCLEAR)))


def run(data, length, steps: int = 1000):
    """Rows per step: F, ‖∇F‖, η, m ν/‖W‖, corr, ‖W‖; and ν, ϱ. The start is a multiple of W^mm,
    turned a little."""
    arrays = float_arrays(data)
    solution = to_float(max_margin_matrix(data.constraints(data.optimal)).matrix)
    rows = [to_float(rational_array(a)) for a in data.constraints(data.optimal).values()]
    nu, rho = np.linalg.norm(solution), max(np.linalg.norm(row) for row in rows)
    direction = descent_directions(*arrays, "linear")
    weight = 8 * solution + np.array([[0.5, -0.5], [0.5, 0.5]])
    table = []
    for k in range(steps):
        value = excess_loss_logarithm(*arrays, weight)
        descent, logarithm = direction(weight)
        eta = min(1 / (2 * nu * rho**2), length(k))
        norm = np.linalg.norm(weight)
        margin = min((row * weight).sum() for row in rows)
        correlation = (weight * solution).sum() / norm / nu
        # ∇F = ∇L/(L − L_⋆).
        table.append([value, np.exp(logarithm - value), eta, margin * nu / norm, correlation, norm])
        weight = weight + eta * descent
    return np.array(table), nu, rho


@check(
    NORMALISED_LIMIT,
    part="limit",
    establishes=measured(over="three data sets, 1000 steps of 1/√(k + 1)", by="binary64"),
    claimed=dict(curvature=lambda rho: rho**2, norm=lambda nu: nu, constant=lambda n, T: n * T),
    controls={
        "no curvature": dict(curvature=lambda rho: 0.0),
        "norm of the solution a tenth": dict(norm=lambda nu: nu / 10),
        "constant zero": dict(constant=lambda n, T: 1e-3),
    },
)
def inequalities_along_a_run(curvature, norm, constant) -> None:
    """θ(W_0) ≤ ½, Taylor's bound, the slope, and the final bound on the correlation, step by
    step. Rounding: values of F are below 10³, so that 1e-9 exceeds their errors."""
    for data in DATA:
        table, nu, rho = run(data, lambda k: (k + 1) ** -0.5)
        value, slope, eta, _, correlation, size = table.T
        theta = data.samples * np.exp(value)
        taylor = value[:-1] - eta[:-1] * slope[:-1] + eta[:-1] ** 2 * curvature(rho) / 2
        sums = [np.concatenate([[0], np.cumsum(x)[:-1]]) for x in (eta, eta**2, eta * theta)]
        shift = value[0] + np.log(constant(data.samples, data.length))
        bound = sums[0] - sums[2] - nu * rho**2 * sums[1] / 2 - nu * shift
        for name, holds in (
            ("start", theta[0] <= 0.5),
            ("Taylor", (value[1:] <= taylor + 1e-9).all()),
            ("slope", (slope >= (1 - theta) / norm(nu) - 1e-9).all()),
            ("margin", (correlation * (size[0] + sums[0]) >= bound - 1e-9).all()),
        ):
            refute_unless(
                bool(holds),
                f"the inequality fails: {name}",
                data=data.name,
                value=value[:8],
                slope=slope[:8],
                steps=eta[:8],
                correlation=correlation[-1],
            )
        deficits = (1 - correlation[-1], 1 - bound[-1] / (size[0] + sums[0][-1]))
        note(**{data.name: f"1 − corr = {deficits[0]:.1e}, proved at most {deficits[1]:.2f}"})


@plot(NORMALISED_LIMIT)
def deficit_with_decreasing_steps() -> Plot:
    """1 − corr and the margin deficit for steps 1/√(k + 1)."""
    kept = sorted({round(10 ** (k / 4)) for k in range(13)} - {1000} | {999})
    series = []
    for data in DATA[:2]:
        table, _, _ = run(data, lambda k: (k + 1) ** -0.5)
        for column, name in ((4, "1 − corr"), (3, "1 − margin ratio")):
            y = [float(1 - table[k, column]) for k in kept]
            series.append(Series(label=f"{name}, {data.name}", x=kept, y=y))
    return Plot(
        title="Normalised descent with decreasing steps, other scores equal",
        x_label="iteration k",
        y_label="deficit",
        series=series,
        x_scale="log",
        y_scale="log",
        caption="Both deficits vanish, as proved for every data set whose other scores are equal.",
    )
