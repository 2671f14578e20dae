"""Heads that are trained come down to the floor that the singular values predict."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.rational import to_float
from attnproof.theory.core import Plot, Series, check, measured, note, plot, refute_unless
from attnproof.theory.operator.linear_state_space_model import (
    lag_operators,
    linear_state_space_model,
)
from attnproof.theory.paper.heads_ssm.effective_blocks import effective_blocks
from attnproof.theory.paper.heads_ssm.head_count import OPERATOR_LOWER_BOUND
from attnproof.theory.paper.heads_ssm.two_rotations import LENGTH, two_rotations

SEEDS = 3


def _pairs() -> np.ndarray:
    """The blocks of all pairs j ≤ i as rows, from the recurrence on unit inputs."""
    system = two_rotations()
    run = lambda tokens: linear_state_space_model(*system, tokens)
    blocks = to_float(effective_blocks(run, LENGTH, system[1].shape[1]))
    return blocks[np.tril_indices(LENGTH)].reshape(LENGTH * (LENGTH + 1) // 2, -1)


def _predicted(weights: np.ndarray) -> list[float]:
    """(1/n) Σ_{r>H} σ_r² of the n × pd matrix of the weighted lag operators."""
    lags = to_float(lag_operators(*two_rotations(), LENGTH)).reshape(LENGTH, -1)
    squares = np.linalg.svd(np.sqrt(weights)[:, None] * lags, compute_uv=False) ** 2
    return [float(squares[heads:].sum()) / LENGTH for heads in range(len(squares) + 1)]


def trained_risk(target: np.ndarray, heads: int, *, steps: int, fixed_values=False) -> np.ndarray:
    """Gradient descent with momentum on the risk under white inputs, in a coefficient per pair and
    head and in the value maps, from `SEEDS` random starts at once; the risk of each at the end.
    """
    generator = np.random.default_rng(11)
    count, width = target.shape
    coefficients = generator.normal(size=(SEEDS, count, heads)) * 0.3
    values = generator.normal(size=(SEEDS, heads, width)) * 0.3
    # At a balanced optimum both factors have the norm √σ₁, so that the Hessian is at most 2 σ₁.
    rate = 1 / (4 * np.linalg.norm(target, 2))
    moved, turned = 0.0, 0.0
    for _ in range(steps):
        rest = coefficients @ values - target
        moved = 0.9 * moved - rate * (rest @ values.transpose(0, 2, 1))
        turned = 0.9 * turned - rate * (coefficients.transpose(0, 2, 1) @ rest)
        coefficients = coefficients + moved
        values = values if fixed_values else values + turned
    return ((target - coefficients @ values) ** 2).sum(axis=(1, 2)) / LENGTH


def _lag_counts() -> np.ndarray:
    return np.arange(LENGTH, 0, -1.0)


@check(
    OPERATOR_LOWER_BOUND,
    part="floor is reached",
    establishes=measured(
        over="two damped rotations, n = 8, H ≤ 5, three random starts", by="gradient descent"
    ),
    claimed=dict(weights=_lag_counts, heads_counted=lambda heads: heads, fixed_values=False),
    controls={
        "every lag counted once": dict(weights=lambda: np.ones(LENGTH)),
        "the eigenvalue of the last head counted as lost": dict(
            heads_counted=lambda heads: heads - 1
        ),
        "value maps that are not trained": dict(fixed_values=True),
    },
)
def trained_heads_reach_the_floor(weights, heads_counted, fixed_values) -> None:
    """Every start ends within a relative 10⁻⁹ of the predicted floor; with four heads and more,
    where it is zero, within 10⁻²⁰ of it, the rounding of numbers of size one being 10⁻³²."""
    target = _pairs()
    floor = _predicted(weights())
    for heads in range(1, 6):
        reached = trained_risk(target, heads, steps=2500, fixed_values=fixed_values)
        predicted = floor[heads_counted(heads)]
        refute_unless(
            bool(np.all(np.abs(reached - predicted) <= 1e-9 * predicted + 1e-20)),
            "training ends elsewhere",
            heads=heads,
            trained=reached.tolist(),
            predicted=predicted,
        )
        note(**{f"trained_risk_{heads}": reached.tolist(), f"floor_{heads}": predicted})


@plot(OPERATOR_LOWER_BOUND)
def risk_by_heads() -> Plot:
    """The risk of trained heads over their number, with the predicted floor."""
    target, floor = _pairs(), _predicted(_lag_counts())
    counts = list(range(1, 7))
    trained = [trained_risk(target, heads, steps=600) for heads in counts]
    # A logarithmic axis needs a smallest value to show for zero.
    shown = lambda value: max(float(value), 1e-12)
    return Plot(
        title="Risk by number of heads, two damped rotations (k = 4)",
        x_label="heads H",
        y_label="mean squared error",
        y_scale="log",
        series=[
            Series(
                label="predicted floor, (1/n) Σ_{r>H} σ_r²",
                x=counts,
                y=[shown(floor[heads]) for heads in counts],
            ),
            *(
                Series(
                    label=f"trained, start {seed + 1}",
                    x=counts,
                    y=[shown(one[seed]) for one in trained],
                    style="points",
                )
                for seed in range(SEEDS)
            ),
        ],
        caption="With fewer heads than the lag operators span, training ends on the floor that "
        "their weighted singular values predict; from k = 4 on the error is zero (drawn at 10⁻¹²).",
    )
