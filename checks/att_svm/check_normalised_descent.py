"""Normalised gradient descent: how its norm grows, and where it points after a thousand steps."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np

from attnproof.theory.algebra.free_algebra import scalars
from attnproof.theory.algebra.rational import rational, rational_array, to_float
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    exact,
    measured,
    note,
    plot,
    proof,
    refute_unless,
)
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.att_svm.attention_loss import (
    float_arrays,
)
from attnproof.theory.paper.att_svm.data_sets import (
    DEGENERATE,
    LOCALLY_OPTIMAL,
    RANK_TWO,
    RATIONAL_NUCLEAR,
    STRICTLY_COMPLEMENTARY,
)
from attnproof.theory.paper.att_svm.gradient_descent import NORMALISED_DIRECTION, NORMALISED_RATE
from attnproof.theory.paper.att_svm.max_margin_matrix import max_margin_matrix
from attnproof.theory.paper.att_svm.normalised_descent import descent

FIVE = (DEGENERATE, STRICTLY_COMPLEMENTARY, LOCALLY_OPTIMAL, RANK_TWO, RATIONAL_NUCLEAR)

D, c, a, N, S, r, y, e, w, v, o, nu = scalars("D c a N S r y e w v o nu")


@check(
    NORMALISED_DIRECTION,
    part="norm",
    establishes=proof(over="every n, T and d, every start, every step size"),
    claimed=dict(coefficient=c, margin=a - 1, direction=1, inner=D + e * y),
    controls={
        "coefficients of any sign": dict(coefficient=-c),
        "margin zero": dict(margin=a),
        "ascent": dict(direction=-1),
        "half a step": dict(inner=D + e * y / 2),
    },
)
def norm_grows_linearly(coefficient, margin, direction, inner) -> None:
    """With equal other scores −∇L = Σ c_it A_it, where c_it = |ℓ_i'|(γ_opt − γ̄) s_opt s_it/n ≥ 0
    (the covariance of `descent-along-max-margin`). Let S = Σ c. Then

    1. ⟨−∇L, W^mm⟩ ≥ S, since ⟨A, W^mm⟩ ≥ 1 (induction over the constraints);
    2. N = ‖∇L‖ ≤ ϱ S (triangle inequality), so that y = ⟨−∇L/‖∇L‖, W^mm⟩ satisfies
       N y ≥ S and ϱ N y ≥ N: ϱ y ≥ 1;
    3. every step adds η y to ⟨W_k, W^mm⟩: ϱ⟨W_k − W_0, W^mm⟩ ≥ η k by induction;
    4. by Cauchy and Schwarz ν‖W_k‖ + ν‖W_0‖ ≥ ⟨W_k − W_0, W^mm⟩.
    """
    entails(
        (D + direction * c * a) - c,
        given={"so far": D, "coefficient": coefficient, "margin": margin},
        certificate=[(1, ["so far"], []), (1, ["coefficient", "margin"], [])],
        message="a further constraint takes more than its coefficient",
    )
    entails(
        r * N * y - N,
        given={"r": r, "inner": N * y - S, "triangle": r * S - N},
        certificate=[(1, ["r", "inner"], []), (1, ["triangle"], [])],
        message="the step along the solution is shorter",
    )
    k = o
    entails(
        r * inner - e * (k + 1),
        given={"so far": r * D - e * k, "eta": e, "step": r * y - 1},
        certificate=[(1, ["so far"], []), (1, ["eta", "step"], [])],
        message="k steps do not add up so",
    )
    entails(
        r * nu * (w + v) - e * k,
        given={"r": r, "cauchy": nu * (w + v) - D, "steps": r * D - e * k},
        certificate=[(1, ["r", "cauchy"], []), (1, ["steps"], [])],
        message="the norm is smaller",
    )


def _solution(data, selection=None) -> np.ndarray:
    return max_margin_matrix(data.constraints(selection or data.optimal)).matrix


@cache
def _iterates(data, normalised: bool, steps: tuple[int, ...]) -> dict[int, np.ndarray]:
    start = np.zeros((data.dimension, data.dimension))
    return descent(float_arrays(data), start, max(steps), normalised=normalised, keep=steps)


def _as_fractions(weight: np.ndarray) -> np.ndarray:
    """The binary64 entries, which are rationals."""
    return rational_array([[Fraction(float(entry)) for entry in row] for row in weight])


# The rank-one solution for the nuclear norm on the data set named so.
NUCLEAR = rational_array([[1, 1], ["17/31", "17/31"]])


@check(
    NORMALISED_DIRECTION,
    part="direction",
    establishes=exact(
        bound="the 1000th iterate on five data sets, as computed in binary64",
        by="exact rationals: the entries are binary fractions",
    ),
    claimed=dict(data_sets=FIVE, normalised=True, steps=1000, solution=_solution),
    controls={
        "plain steps": dict(normalised=False),
        "a hundred steps": dict(steps=100),
        "first tokens instead of the best": dict(
            solution=lambda data: _solution(data, (0,) * data.samples)
        ),
        "nuclear solution instead": dict(
            data_sets=(RATIONAL_NUCLEAR,), solution=lambda data: NUCLEAR
        ),
    },
)
def iterate_evaluated_exactly(data_sets, normalised, steps, solution) -> None:
    """corr² and (m ν/‖W‖)² are rationals; both are compared with the squares of the bounds, and
    the bound by the margin with the correlation."""
    for data in data_sets:
        weight = _as_fractions(_iterates(data, normalised, (steps,))[steps])
        found = solution(data)
        inner, squared = (weight * found).sum(), (weight * weight).sum()
        norm = (found * found).sum()
        margin = min(
            (rational_array(a) * weight).sum() for a in data.constraints(data.optimal).values()
        )
        correlation = inner * inner / (squared * norm)
        bound = margin * margin * norm / squared
        refute_unless(
            bool(inner > 0) and bool(correlation >= rational("9998/10000") ** 2),
            "the iterate points elsewhere",
            data=data.name,
            W=to_float(weight),
            W_mm=found,
            correlation=float(to_float(np.array([correlation]))[0]) ** 0.5,
        )
        refute_unless(
            bool(margin > 0) and bool(rational("98/100") ** 2 <= bound <= correlation),
            "the margin of the iterate is smaller",
            data=data.name,
            W=to_float(weight),
            margin=float(to_float(np.array([margin]))[0]),
        )
        deficits = [1 - float(value) ** 0.5 for value in to_float(np.array([correlation, bound]))]
        note(**{data.name: f"1 − corr = {deficits[0]:.2e}, margin deficit {deficits[1]:.2e}"})


COUNTS = (300, 1000, 3000, 10_000)


@check(
    NORMALISED_RATE,
    establishes=measured(over="one data set, 300 ≤ k ≤ 10⁴", by="fitted slopes"),
    claimed=dict(data=STRICTLY_COMPLEMENTARY, normalised=True, slopes=(-2.0, -1.0)),
    controls={
        "plain steps": dict(normalised=False),
        "a degenerate data set": dict(data=DEGENERATE),
        "correlation deficit like 1/k": dict(slopes=(-1.0, -1.0)),
    },
)
def deficits_fall_with_powers(data, normalised, slopes) -> None:
    """Least squares for the logarithms; within 0.1 of −2 and −1. The distance to the ray of W^mm
    converges."""
    table = _deficits(data, normalised, COUNTS)
    for column, slope in enumerate(slopes):
        fitted = np.polyfit(np.log(COUNTS), np.log(table[:, column]), 1)[0]
        refute_unless(
            bool(abs(fitted - slope) < 0.1),
            "the deficit falls with another power of k",
            data=data.name,
            k=list(COUNTS),
            deficits=table[:, column],
            fitted=float(fitted),
        )
        note(**{("slope of 1 − corr", "slope of the margin deficit")[column]: f"{fitted:.3f}"})
    note(correlation_deficits=[f"{x:.2e}" for x in table[:, 0]])
    note(distance_to_the_ray=[f"{x:.4f}" for x in table[:, 2]])


def _deficits(data, normalised: bool, counts) -> np.ndarray:
    """Rows: k. Columns: 1 − corr, margin deficit, distance to the ray of W^mm."""
    found, rows = to_float(_solution(data)), []
    unit = found / np.linalg.norm(found)
    constraints = [to_float(rational_array(a)) for a in data.constraints(data.optimal).values()]
    for k, weight in sorted(_iterates(data, normalised, tuple(counts)).items()):
        if k in counts:
            norm = np.linalg.norm(weight)
            margin = min((a * weight).sum() for a in constraints)
            offset = np.linalg.norm(weight - norm * unit)
            # 1 − corr = ½‖W/‖W‖ − unit‖², which does not cancel.
            deficit = 0.5 * (offset / norm) ** 2
            rows.append([deficit, 1 - margin * np.linalg.norm(found) / norm, offset])
    return np.array(rows)


@plot(NORMALISED_DIRECTION)
def deficits_against_iteration() -> Plot:
    """1 − corr and 1 − margin ratio against k."""
    counts = tuple(sorted({round(10 ** (k / 4)) for k in range(4, 14)}))
    series = []
    for data in (DEGENERATE, STRICTLY_COMPLEMENTARY):
        table = _deficits(data, True, counts)
        for column, name in enumerate(("1 − corr", "1 − margin ratio")):
            label = f"{name}, {data.name}"
            series.append(Series(label=label, x=list(counts), y=table[:, column].tolist()))
    plain = _deficits(DEGENERATE, False, counts)[:, 0]
    label = f"1 − corr, {DEGENERATE.name}, plain steps"
    series.append(Series(label=label, x=list(counts), y=plain.tolist()))
    return Plot(
        title="Gradient descent turns to the max-margin solution",
        x_label="iteration k",
        y_label="deficit",
        series=series,
        x_scale="log",
        y_scale="log",
        caption="With normalised steps of 1/10 the correlation deficit falls like 1/k², that of "
        "the margin ratio like 1/k; with plain steps of the same size the norm grows too slowly.",
    )


@plot(NORMALISED_RATE)
def entries_against_the_solution() -> Plot:
    """Entries of W_k/‖W_k‖ beside those of W^mm/‖W^mm‖."""
    data = STRICTLY_COMPLEMENTARY
    found = to_float(_solution(data))
    kept = _iterates(data, True, (10, 100, 1000))
    matrices = {f"W_k, k = {k}": kept[k] for k in (10, 100, 1000)} | {"W^mm": found}
    entries = [f"({i + 1}, {j + 1})" for i, j in np.ndindex(2, 2)]
    return Plot(
        title=f"Entries of the iterate and of the solution, {data.name}",
        x_label="entry",
        y_label="value, matrices scaled to norm one",
        series=[
            Series(label=label, x=entries, y=(m / np.linalg.norm(m)).ravel().tolist(), style="bars")
            for label, m in matrices.items()
        ],
        caption="After a thousand normalised steps the two can no longer be told apart.",
    )
