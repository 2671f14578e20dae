"""Gradient descent under a concave head: plain steps, and normalised steps of constant length."""

from __future__ import annotations

import numpy as np

from attnproof.theory.core import Plot, Series, check, measured, note, plot, refute_unless
from attnproof.theory.paper.att_svm.nonlinear_head import NONLINEAR_DESCENT


def head_descent(steps: int, step: float, normalised: bool, keep=()) -> dict[int, np.ndarray]:
    """Descent on ``log(1 + e^{−h(softmax(u))})`` from u = 0."""
    gains = np.array([1.0, 0.8, 0.0])
    u, found = np.zeros(3), {}
    for k in range(1, steps + 1):
        powers = np.exp(u - u.max())
        o = powers / powers.sum()
        slope = gains - o
        ascent = o * (slope - o @ slope)
        # The third entry is minus the sum of the others, but tiny: sum its pairs.
        ascent[2] = o[2] * (o[0] * (slope[2] - slope[0]) + o[1] * (slope[2] - slope[1]))
        factor = 1 / (1 + np.exp(gains @ o - o @ o / 2))
        u = u + step * (ascent / np.linalg.norm(ascent) if normalised else factor * ascent)
        if k in (*keep, steps):
            found[k] = u
    return found


TARGET = float(np.log(1.5))


def _plain(steps: int) -> np.ndarray:
    return head_descent(steps, 5.0, False)[steps]


def _normalised(steps: int) -> np.ndarray:
    return head_descent(steps, 0.1, True)[steps]


@check(
    NONLINEAR_DESCENT,
    part="plain",
    establishes=measured(over="one run of 5000 steps", by="binary64"),
    claimed=dict(run=_plain, target=TARGET),
    controls={
        "normalised steps": dict(run=_normalised),
        "a hundred steps": dict(run=lambda steps: _plain(100)),
        "ratio two": dict(target=float(np.log(2))),
    },
)
def plain_steps_find_the_finite_part(run, target) -> None:
    """u₁ − u₂ after the run."""
    u = run(5000)
    refute_unless(
        bool(abs(u[0] - u[1] - target) <= 2e-4),
        "the finite part is another one",
        u=u,
        target=target,
    )
    note(difference=float(u[0] - u[1]), target=target, along_the_margin=float(u[:2].mean() - u[2]))


@check(
    NONLINEAR_DESCENT,
    part="normalised",
    establishes=measured(over="one run of 5000 steps", by="binary64"),
    claimed=dict(run=_normalised, distance=0.05),
    controls={
        "plain steps": dict(run=_plain),
        "steps ten times shorter": dict(run=lambda steps: head_descent(steps, 0.01, True)[steps]),
        "a larger distance": dict(distance=0.1),
    },
)
def normalised_steps_are_biased(run, distance) -> None:
    """u₁ − u₂ after the run."""
    u = run(5000)
    refute_unless(
        bool(abs(u[0] - u[1] - TARGET) >= distance), "the finite part is close to log(3/2)", u=u
    )
    note(difference=float(u[0] - u[1]), target=TARGET, along_the_margin=float(u[:2].mean() - u[2]))


@plot(NONLINEAR_DESCENT)
def finite_part_against_iteration() -> Plot:
    """u₁ − u₂ for plain and for normalised steps."""
    counts = sorted({round(10 ** (k / 6)) for k in range(4, 23)})
    series = []
    for label, step, normalised in (
        ("plain, η = 5", 5.0, False),
        ("normalised, η = 1/10", 0.1, True),
    ):
        run = head_descent(counts[-1], step, normalised, counts)
        series.append(
            Series(label=label, x=counts, y=[float(run[k][0] - run[k][1]) for k in counts])
        )
    series.append(
        Series(label="log(3/2)", x=[counts[0], counts[-1]], y=[TARGET, TARGET], style="guide")
    )
    return Plot(
        title="The finite part under a nonlinear head",
        x_label="iteration k",
        y_label="u_1 − u_2",
        series=series,
        x_scale="log",
        caption="Plain descent tends to the ratio 3 : 2 of the two surviving tokens; steps of "
        "constant length jump across it and settle elsewhere.",
    )
