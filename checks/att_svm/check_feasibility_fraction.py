"""How often random data are feasible, by linear programming."""

from __future__ import annotations

import numpy as np

from attnproof.theory.core import Plot, Series, check, measured, note, plot, refute_unless
from attnproof.theory.paper.att_svm.general_position import constraint_rows
from attnproof.theory.paper.att_svm.max_margin import FEASIBILITY


def feasible_fraction(
    samples: int, length: int, dimension: int, trials: int, *, alike: bool = False
) -> float:
    """Share of Gaussian data with random tokens chosen for which HiGHS finds a W of margin one;
    ``alike`` gives all samples the same tokens and the queries ± one vector."""
    from scipy.optimize import linprog

    random = np.random.default_rng([samples, length, dimension])
    found = 0
    for _ in range(trials):
        tokens = random.standard_normal((samples, length, dimension))
        queries = random.standard_normal((samples, dimension))
        selection = random.integers(0, length, samples)
        if alike:
            tokens[:] = tokens[0]
            queries = queries[0] * (-1.0) ** np.arange(samples)[:, None]
            selection[:] = selection[0]
        rows = constraint_rows(tokens, queries, selection).astype(float)
        program = linprog(
            np.zeros(rows.shape[1]),
            A_ub=-rows,
            b_ub=-np.ones(len(rows)),
            bounds=(None, None),
            method="highs",
        )
        found += program.status == 0
    return found / trials


def _room_for_all() -> list[tuple[int, int, int]]:
    return [
        (dimension * dimension // distractors, distractors + 1, dimension)
        for dimension in (2, 3, 4)
        for distractors in range(1, dimension + 1)
    ]


# (n, T, d) on both sides of the bounds.
BEYOND = [(10, 5, 5), (20, 5, 5), (5, 20, 5), (5, 5, 3), (5, 5, 2), (8, 3, 3), (3, 8, 3)]


@check(
    FEASIBILITY,
    part="fewer dimensions",
    establishes=measured(over="Gaussian data, d ≤ 4, the largest n", by="linear programs (HiGHS)"),
    claimed=dict(sizes=_room_for_all, alike=False),
    controls={
        "twice the samples": dict(sizes=lambda: [(2 * n, T, d) for n, T, d in _room_for_all()]),
        "tokens inside the hull of the others": dict(sizes=lambda: [(1, 20, 2)]),
        "opposite queries": dict(alike=True),
    },
)
def gaussian_data_with_room(sizes, alike) -> None:
    """Ten draws of each size; every one is feasible as long as T − 1 ≤ d and n (T − 1) ≤ d²."""
    for samples, length, dimension in sizes():
        fraction = feasible_fraction(samples, length, dimension, 10, alike=alike)
        refute_unless(
            fraction == 1.0,
            "some of the data are not feasible",
            n=samples,
            T=length,
            d=dimension,
            fraction=fraction,
        )
    if sizes is _room_for_all:
        table = {f"({n}, {T}, {d})": feasible_fraction(n, T, d, 30) for n, T, d in BEYOND}
        note(fraction_by_n_T_d=str(table))


@plot(FEASIBILITY)
def phase_diagram() -> Plot:
    """Share of feasible data in four dimensions, against n/d, for several T."""
    dimension, trials = 4, 12
    counts = [2, 4, 6, 8, 12, 16, 24]
    series = [
        Series(
            label=f"(T − 1)/d = {distractors / dimension:g}",
            x=[n / dimension for n in counts],
            y=[feasible_fraction(n, distractors + 1, dimension, trials) for n in counts],
        )
        for distractors in (1, 2, 4, 8)
    ]
    bounds = [
        Series(
            label=f"n (T − 1) = d² for (T − 1)/d = {distractors / dimension:g}",
            x=[dimension / distractors] * 2,
            y=[0.0, 1.0],
            style="guide",
        )
        for distractors in (1, 2, 4)
    ]
    return Plot(
        title="Feasible share of Gaussian data, d = 4",
        x_label="samples per dimension n/d",
        y_label="share of feasible data",
        series=series + bounds,
        caption="Up to n (T − 1) = d² every draw is feasible, as the theorem says. Beyond, the "
        "share falls, and little is left at four times as many constraints. For T − 1 > d even a "
        "single sample may fail.",
    )
