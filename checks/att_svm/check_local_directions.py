"""A token that is locally optimal holds gradient descent in a cone."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.ball import ball
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
from attnproof.theory.engine.ball_comparison import at_most
from attnproof.theory.engine.inequality import entails
from attnproof.theory.paper.att_svm.attention_loss import (
    exact_arrays,
    float_arrays,
    gradient_by_pairs,
    log_probabilities,
)
from attnproof.theory.paper.att_svm.data_sets import LOCALLY_OPTIMAL
from attnproof.theory.paper.att_svm.gradient_descent import LOCAL_DIRECTIONS
from attnproof.theory.paper.att_svm.local_optimality import locally_optimal
from attnproof.theory.paper.att_svm.max_margin_matrix import max_margin_matrix
from attnproof.theory.paper.att_svm.normalised_descent import descent

SCORES = LOCALLY_OPTIMAL.scores[0]


def _with_support_score(score) -> object:
    """The sample with another score for token 2, the support of token 1."""
    return replace(LOCALLY_OPTIMAL, scores=((SCORES[0], SCORES[1], Fraction(score)),))


@check(
    LOCAL_DIRECTIONS,
    part="supports",
    establishes=exact(bound="the stated sample", by="exact optimality conditions"),
    claimed=dict(data=LOCALLY_OPTIMAL, optimal=(0, 1), matrix=((1, 0), (0, 0)), support=((0, 2),)),
    controls={
        "support with the higher score": dict(data=_with_support_score("19/20")),
        "only the best token": dict(optimal=(0,)),
        "every vertex": dict(optimal=(0, 1, 2)),
        "another matrix": dict(matrix=((2, 0), (0, 0))),
        "both other tokens as support": dict(support=((0, 0), (0, 2))),
    },
)
def locally_optimal_tokens(data, optimal, matrix, support) -> None:
    """Multipliers, margins and supports of the exact solution for each of the three tokens."""
    found = tuple(token for token in range(3) if locally_optimal(data, (token,)))
    solution = max_margin_matrix(data.constraints((1,)))
    refute_unless(
        found == optimal,
        "other tokens are locally optimal",
        scores=list(data.scores[0]),
        found=list(found),
    )
    refute_unless(
        bool((solution.matrix == rational_array(matrix)).all())
        and tuple(solution.active) == support,
        "the solution for token 1 is another one",
        W=solution.matrix,
        support=str(solution.active),
    )


def _drift(data) -> list:
    """−∂f/∂W z for z = e_1 as quadratic forms in the probabilities, and with W's second column
    left alone: row 0 is the change of W_11, row 1 that of W_21."""
    tokens, scores = data.tokens[0], data.scores[0]
    s = scalars("s0 s1 s2")
    return [
        sum(
            (
                (scores[t] - scores[u]) * (tokens[t][row] - tokens[u][row]) * s[t] * s[u]
                for t, u in ((0, 1), (0, 2), (1, 2))
            ),
            0 * s[0],
        )
        for row in range(2)
    ]


@check(
    LOCAL_DIRECTIONS,
    part="cone",
    establishes=proof(
        over="every start in the cone, every step size",
        by="non-negative combination; summation of the steps",
    ),
    claimed=dict(data=LOCALLY_OPTIMAL, ceiling=20, exponent=3, share=2),
    controls={
        "support with the higher score": dict(
            data=_with_support_score("19/20"), drops="locally optimal"
        ),
        "cone reaching the first token": dict(ceiling=1),
        "smaller share": dict(share=Fraction(1, 4)),
        "cone too near the origin": dict(exponent=2),
    },
)
def cone_is_kept(data, ceiling, exponent, share) -> None:
    """Let u = (W_11, W_21), the logits being −4u₁ + u₂, u₁ and 0. In the cone u₁ ≥ 1 and
    0 ≤ u₂ ≤ u₁, hence s₂ ≤ s₁ and s₀ ≤ κ s₂ with κ = e^{−4u₁ + u₂} ≤ e^{−3u₁} ≤ e^{−3} < 1/20.
    A step of descent adds a positive multiple of (a, b), two quadratic forms in s. Then

    1. a > 0 as a ≥ s₁ s₂/2, b ≥ 0 and a ≥ b: the cone is kept, whatever the step size;
    2. b ≤ 2 κ a.

    With steps of length η, u₁ grows by at least η/√2 each time, so that it has no bound, whereas
    u₂ gains at most 2 e^{−3u₁} times the step of u₁, a convergent sum. The second column of W stays
    as it is, because z = e₁. Hence W/‖W‖ → e₁e₁ᵀ = W^mm_1.
    """
    at_most(ball(ceiling), ball(exponent).exp(), "the first token weighs more than assumed")
    along, across = _drift(data)
    _examine_drift(data, along, across)
    given = {
        **{"s0": S0, "s1": S1, "s2": S2, "kappa": KAPPA, "order": S1 - S2},
        **{"first": KAPPA * S2 - S0, "cap": 1 - ceiling * KAPPA},
    }
    models = [
        {name: rational(value) for name, value in zip(("s0", "s1", "s2", "kappa"), point)}
        | {"chosen_score": data.scores[0][1], "support_score": data.scores[0][2]}
        for point in POINTS
    ]
    for conclusion, certificate, message in (
        (along - S1 * S2 / 2, GROWS, "W_11 grows too little"),
        (across, [(Fraction(1, 10), ["s0", "s1"], []), (1, ["s0", "s2"], [])], "W_21 falls"),
        (along - across, STAYS, "the step leaves the cone"),
        (share * KAPPA * along - across, TURNS, "W_21 grows more than its share"),
    ):
        entails(conclusion, given=given, certificate=certificate, models=models, message=message)


S0, S1, S2, KAPPA = scalars("s0 s1 s2 kappa")
# Weights of the three tokens and κ.
POINTS = [
    (0, 1, 1, 0),
    ("1/20", 1, 1, "1/20"),
    (1, 1, 1, 1),
    ("1/40", 1, "1/2", "1/20"),
    ("1/30", 1, 1, "1/30"),
]
# κ = (1 − cap)/20 and s₂ = s₁ − order turn the products of s₀ into these.
GROWS = [
    (Fraction(7, 40), ["s1", "s2"], []),
    (Fraction(9, 40), ["cap", "s1", "s2"], []),
    (Fraction(1, 2), ["s1", "first"], []),
    (4, ["s2", "first"], []),
    (4, ["kappa", "s2", "order"], []),
]
STAYS = [
    (Fraction(31, 50), ["s1", "s2"], []),
    (Fraction(7, 25), ["cap", "s1", "s2"], []),
    (Fraction(3, 5), ["s1", "first"], []),
    (5, ["s2", "first"], []),
    (5, ["kappa", "s2", "order"], []),
]
TURNS = [
    (Fraction(1, 4), ["kappa", "s1", "s2"], []),
    (Fraction(9, 20), ["kappa", "cap", "s1", "s2"], []),
    (Fraction(1, 10), ["s1", "first"], []),
    (1, ["s2", "first"], []),
    (1, ["kappa", "s2", "order"], []),
    (1, ["kappa", "s1", "first"], []),
    (8, ["kappa", "s2", "first"], []),
    (8, ["kappa", "kappa", "s2", "order"], []),
]


def _examine_drift(data, along, across) -> None:
    """The two forms are −∇f, entry by entry, at weights 1/2, 1/3, 1/6."""
    weights = rational_array([["1/2", "1/3", "1/6"]])
    arrays = exact_arrays(data)
    gradient = gradient_by_pairs(*arrays, weights, rational_array([-1]))
    values = {f"s{token}": weights[0, token] for token in range(3)}
    stated = [form.evaluate(values)[0, 0] for form in (along, across)]
    refute_unless(
        bool((-gradient[:, 0] == stated).all()) and not gradient[:, 1].any(),
        "the drift is not the gradient",
        gradient=gradient,
        stated=stated,
    )


@check(
    LOCAL_DIRECTIONS,
    part="cone",
    establishes=measured(over="three starts, 3000 steps of 1/10", by="binary64"),
    claimed=dict(data=LOCALLY_OPTIMAL, start=(5, 0), token=1),
    controls={
        "support with the higher score": dict(
            data=_with_support_score("19/20"), drops="locally optimal"
        ),
        "start at the origin": dict(start=(0, 0)),
        "start on the other side": dict(start=(-3, 0)),
        "in the cone of the third token": dict(start=(-1, -5)),
    },
)
def runs_from_several_starts(data, start, token) -> None:
    """The token of the largest logit after the run, and the correlation with its solution."""
    weight = np.array([[start[0], 0.0], [start[1], 0.0]])
    last = descent(float_arrays(data), weight, 3000)[3000]
    found = to_float(max_margin_matrix(data.constraints((token,))).matrix)
    correlation = float((last * found).sum() / np.linalg.norm(last) / np.linalg.norm(found))
    chosen = int(log_probabilities(*float_arrays(data)[:2], last).argmax())
    refute_unless(
        chosen == token and correlation > 0.999999,
        "the run ends elsewhere",
        W=last,
        token=chosen,
        correlation=correlation,
        chosen_score=data.scores[0][1],
        support_score=data.scores[0][2],
    )
    note(last=last, one_minus_correlation=f"{1 - correlation:.1e}")


@plot(LOCAL_DIRECTIONS)
def trajectories_and_cones() -> Plot:
    """Runs in the plane of W's first column, and the corners of the three feasible sets."""
    series = []
    for token in range(3):
        polygon = _feasible_corner(token)
        series.append(
            Series(
                label=f"margins ≥ 1 for token {token}",
                x=[x for x, _ in polygon],
                y=[y for _, y in polygon],
                style="guide",
            )
        )
    arrays = float_arrays(LOCALLY_OPTIMAL)
    keep = (0, 1, 2, 5, 10, 15, 20, 30, 40, 50, 60)
    for start in ((2, 1), (0, 0), (-1, -5)):
        weight = np.array([[start[0], 0.0], [start[1], 0.0]])
        run = descent(arrays, weight, max(keep), keep=keep)
        path = [run[k][:, 0] for k in sorted(run)]
        series.append(
            Series(
                label=f"from {start}", x=[float(u[0]) for u in path], y=[float(u[1]) for u in path]
            )
        )
    return Plot(
        title="Local directions of one sample with three tokens in the plane",
        x_label="W_11",
        y_label="W_21",
        series=series,
        caption="Dashed: boundaries of the matrices that separate a token with margin one. From "
        "(2, 1) descent follows token 1, whose score is second best; elsewhere it ends at token 0.",
    )


def _feasible_corner(token: int) -> list[tuple[float, float]]:
    """The boundary of {u : (x_token − x_t)ᵀu ≥ 1}: its corner, and both rays for a while."""
    tokens = np.array(LOCALLY_OPTIMAL.tokens[0], dtype=float)
    rows = np.array([tokens[token] - tokens[t] for t in range(3) if t != token])
    corner = np.linalg.solve(rows, np.ones(2))
    points = [corner]
    for row, other in ((rows[0], rows[1]), (rows[1], rows[0])):
        ray = np.array([-row[1], row[0]]) / np.linalg.norm(row)
        ray = ray if other @ ray > 0 else -ray
        points.append(corner + 6 * ray)
    return [tuple(map(float, points[k])) for k in (1, 0, 2)]
