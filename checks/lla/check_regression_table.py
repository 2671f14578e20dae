"""Errors of three fits on a target that is linear in two pieces."""

from __future__ import annotations

import numpy as np

from attnproof.theory.core import Plot, Series, check, measured, note, plot, refute_unless
from attnproof.theory.operator.local_linear_attention import local_linear_weights
from attnproof.theory.paper.lla.regression_table import REGRESSION_TABLE

WIDTHS, SEEDS = (2, 4, 8), (0, 1, 2)
SHARPNESS = tuple(2.0**k for k in range(0, 8))
RIDGES = (1e-4, 1e-2, 1.0)


def _unit(random, count: int, width: int) -> np.ndarray:
    points = random.standard_normal((count, width))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def _errors(width: int, seed: int, pieces: int) -> dict[str, float]:
    """Mean squared error over queries, of the best setting of each fit."""
    random = np.random.default_rng([seed, width])
    maps = random.standard_normal((2, width))
    if pieces == 1:
        maps[1] = maps[0]
    target = lambda points: np.where(points[:, 0] > 0, points @ maps[0], points @ maps[1])
    keys, queries = _unit(random, 1024, width), _unit(random, 200, width)
    values = target(keys) + 0.1 * random.standard_normal(1024)
    wanted = target(queries)
    error = lambda found: float(np.mean((found - wanted) ** 2))
    fits = [
        queries @ np.linalg.solve(keys.T @ keys + ridge * np.eye(width), keys.T @ values)
        for ridge in RIDGES
    ]
    softmax, local = [], []
    for sharp in SHARPNESS:
        # Weights of all queries, up to a factor each, which no fit depends on.
        weights = np.exp(sharp * (queries @ keys.T - 1.0))
        softmax.append(error(weights @ values / weights.sum(axis=1)))
        for ridge in RIDGES:
            rows = (
                local_linear_weights(keys, query, row, ridge * row.sum() / sharp)
                for query, row in zip(queries, weights)
            )
            local.append(error(np.array([row @ values for row in rows])))
    return {
        "least squares": min(map(error, fits)),
        "softmax": min(softmax),
        "local linear": min(local),
    }


@check(
    REGRESSION_TABLE,
    establishes=measured(over="d = 2, 4, 8, three seeds, float64", by="simulation"),
    claimed=dict(pieces=2),
    controls={"one piece: the target is linear": dict(pieces=1)},
    timeout=200,
)
def order_of_the_errors(pieces) -> None:
    """Means over the seeds; the order must hold for each seed."""
    for width in WIDTHS:
        found = [_errors(width, seed, pieces) for seed in SEEDS]
        for seed, errors in zip(SEEDS, found):
            refute_unless(
                errors["local linear"] < errors["softmax"] < errors["least squares"],
                "the order is another",
                d=width,
                seed=seed,
                **{name.replace(" ", "_"): value for name, value in errors.items()},
            )
        for name in found[0]:
            mean = np.mean([errors[name] for errors in found])
            note(**{f"d_{width}_{name.replace(' ', '_')}": f"{mean:.4f}"})


@plot(REGRESSION_TABLE)
def errors_by_width() -> Plot:
    """One seed."""
    found = [_errors(width, 0, 2) for width in WIDTHS]
    return Plot(
        title="Mean squared error at fresh queries, target linear in two pieces",
        x_label="width d",
        y_label="mean squared error",
        series=[
            Series(label=name, x=list(WIDTHS), y=[errors[name] for errors in found])
            for name in found[0]
        ],
        caption="1024 noisy pairs; the best bandwidth and ridge of each fit.",
        y_scale="log",
    )
