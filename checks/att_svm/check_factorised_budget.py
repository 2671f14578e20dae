"""Gradient descent on (K, Q) from starts of full rank, in floating point."""

from __future__ import annotations

import numpy as np
import pytest
from tqdm import tqdm

from attnproof.theory.core import Plot, Series, check, measured, note, plot, refute_unless
from attnproof.theory.paper.att_svm import data_sets
from attnproof.theory.paper.att_svm.factorised_descent import (
    factorised_descent,
    float_margin_ratio,
    random_start,
)
from attnproof.theory.paper.att_svm.nuclear_norm import FACTORISED_BUDGET, FACTORISED_STALL

RANK_TWO, OPTIMUM = data_sets.RANK_TWO, 23 / 936**0.5
RANK_ONE, OTHER_OPTIMUM = data_sets.STRICTLY_COMPLEMENTARY, 1.6838652
RATE = 0.1


def _near_the_solution(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Factors of the solution of rank two, moved by a random start of a tenth of its size."""
    left, values, right = np.linalg.svd(np.array([[-33, 33], [-82, 56]]) / 156)
    noise, _ = random_start(seed)
    return left * values**0.5 + noise / 10, right.T * values**0.5


@pytest.mark.slow
@check(
    FACTORISED_BUDGET,
    establishes=measured(over="four seeds, 12 000 steps", by="binary64, gradient from logarithms"),
    claimed=dict(
        data=RANK_TWO, optimum=OPTIMUM, start=random_start, limits=(0.98, 0.98, 0.98, 0.84)
    ),
    controls={
        "a solution of rank one": dict(data=RANK_ONE, optimum=OTHER_OPTIMUM),
        "start near the solution": dict(start=_near_the_solution),
        "below nine tenths for all seeds": dict(limits=(0.9, 0.9, 0.9, 0.84)),
    },
    timeout=300,
)
def ratio_after_the_budget(data, optimum, start, limits) -> None:
    """The limits are rounded up from the run itself; nothing is derived."""
    steps = 12_000
    for seed, limit in enumerate(limits):
        run = factorised_descent(data, start(seed), steps, rate=RATE)
        *_, (keys, queries) = tqdm(run, total=steps, desc=f"seed {seed}", disable=None)
        weight = keys @ queries.T
        ratio = float_margin_ratio(data, optimum, weight)
        values = np.linalg.svd(weight, compute_uv=False)
        note(**{f"seed {seed}": f"ratio {ratio:.3f}, σ2/σ1 = {values[1] / values[0]:.4f}"})
        refute_unless(
            bool(ratio <= limit),
            "the margin ratio is above the limit",
            seed=seed,
            margin_ratio=ratio,
            W=weight,
        )


@plot(FACTORISED_STALL)
def margin_ratio_against_steps() -> Plot:
    """Four seeds, 3000 steps."""
    steps, marks = 3000, np.unique(np.geomspace(5, 3000, 50).astype(int))
    series = []
    for seed in range(4):
        ratios = []
        for step, (keys, queries) in enumerate(
            factorised_descent(RANK_TWO, random_start(seed), steps, rate=RATE), start=1
        ):
            if step in marks:
                ratios.append(float_margin_ratio(RANK_TWO, OPTIMUM, keys @ queries.T))
        series.append(Series(label=f"seed {seed}", x=marks.tolist(), y=ratios))
    ends = [int(marks[0]), steps]
    bounds = {"solution": 1.0, "bound for rank one": 0.942}
    series += [Series(label=name, x=ends, y=[y, y], style="guide") for name, y in bounds.items()]
    return Plot(
        title="Margin ratio when K and Q are trained",
        x_label="step",
        y_label="margin ratio",
        x_scale="log",
        series=series,
        caption="A data set whose solution of least nuclear norm has rank two. Starts that are "
        "nearly of rank one stay so for a long time, and the ratio with them.",
    )
