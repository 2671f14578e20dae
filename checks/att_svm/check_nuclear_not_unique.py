"""A segment of nuclear-norm solutions, and a measure that does not depend on the point of it."""

from __future__ import annotations

import numpy as np
from flint import fmpq

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import determinant, rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    plot,
    proof,
    refute_unless,
)
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.paper.att_svm import data_sets
from attnproof.theory.paper.att_svm.factorised_descent import (
    factorised_descent,
    float_margin_ratio,
    random_start,
)
from attnproof.theory.paper.att_svm.nuclear_norm import NUCLEAR_NOT_UNIQUE


def _segment(t) -> np.ndarray:
    return np.array([[1 + 0 * t, t], [t, 1 + 0 * t]], dtype=object)


@check(
    NUCLEAR_NOT_UNIQUE,
    part="segment",
    establishes=proof(over="every t with |t| ≤ 1", by="rational-function identity"),
    claimed=dict(solution=_segment, value=2),
    controls={
        "skew": dict(solution=lambda t: _segment(t) * rational_array([[1, 1], [-1, 1]])),
        "diagonal halved": dict(solution=lambda t: _segment(t) - rational_array([[1, 0], [0, 0]])),
        "value one": dict(value=1),
    },
)
def every_point_of_the_segment_is_optimal(solution, value) -> None:
    """[[W, W], [W, W]] = ½(1 + t) ccᵀ + ½(1 − t) ddᵀ with c = (1, 1, 1, 1), d = (1, −1, 1, −1),
    semidefinite for |t| ≤ 1, with half the trace equal to 2. The multipliers (1, 1) give A = I, the
    singular values of which are one, and Σ λ = 2.
    """
    (t,) = variables("t")
    matrix = solution(t)
    identical([matrix[0, 0], matrix[1, 1]], [1, 1], "a margin is not one")
    c, d = (rational_array([1, sign, 1, sign]) for sign in (1, -1))
    half = fmpq(1, 2)
    block = half * ((1 + t) * np.outer(c, c) + (1 - t) * np.outer(d, d))
    identical(block[:2, 2:], matrix, "the corner of the block is not W")
    identical(block.trace() / 2, value, "half the trace is not the value")
    total = rational_array([[1, 0], [0, 0]]) + rational_array([[0, 0], [0, 1]])
    identical(total, rational_array([[1, 0], [0, 1]]), "A is not the identity")


K, Kt, Q, Qt = letters("K Kt Q Qt")
k, kt, j, jt = letters("k kt j jt")
first, second = scalars("first second")


@check(
    NUCLEAR_NOT_UNIQUE,
    part="segment",
    establishes=proof(over="every W, every width of its factors", by="traces, inequalities"),
    claimed=dict(mixed=2, norm=2, cross=1),
    controls={
        "mixed term once": dict(mixed=1),
        "norm above two": dict(norm=3),
        "cross term twice": dict(cross=2),
    },
)
def nothing_else_is_optimal(mixed, norm, cross) -> None:
    """Take the best factors W = KQᵀ, ½(‖K‖² + ‖Q‖²) = ‖W‖_* = 2. Then

        ‖K − Q‖² = ‖K‖² + ‖Q‖² − 2 tr W = 4 − 2(W_11 + W_22) ≤ 0,

    so K = Q and W = KKᵀ is symmetric. It also follows that W_11 = W_22 = 1: the rows of K have
    length one, and 0 ≤ ‖k_1 ∓ k_2‖² = 2 ∓ 2t with t = W_12.
    """
    equal_traces(
        (K - Q) * (Kt - Qt),
        K * Kt + Q * Qt - mixed * K * Qt,
        transposes={"K": "Kt", "Q": "Qt"},
        message="the squared distance is another",
    )
    entails(
        -(2 * norm - 2 * (first + second)),
        given={"first": first - 1, "second": second - 1},
        certificate=[(2, ["first"], []), (2, ["second"], [])],
        message="the squared distance may be positive",
    )
    for sign in (1, -1):
        equal_traces(
            (k - sign * j) * (kt - sign * jt),
            k * kt + j * jt - 2 * sign * cross * k * jt,
            transposes={"k": "kt", "j": "jt"},
            message="the squared length of the difference is another",
        )


@check(
    NUCLEAR_NOT_UNIQUE,
    part="ranks",
    establishes=proof(over="every t", by="rational-function identity, exact ranks"),
    claimed=dict(product=lambda t: (1 - t) * (1 + t), ends=(1, -1), inside=(0, "1/2")),
    controls={
        "another determinant": dict(product=lambda t: 1 + t * t),
        "one end twice": dict(product=lambda t: (1 - t) * (1 - t)),
        "rank one in the middle": dict(ends=(1, 0)),
        "rank two at an end": dict(inside=(1,)),
    },
)
def determinant_vanishes_at_the_ends(product, ends, inside) -> None:
    """det W = (1 − t)(1 + t), and W is not zero: rank one where that vanishes, else rank two."""
    (t,) = variables("t")
    identical(determinant(_segment(t)), product(t), "the determinant is another")
    for values, expected in ((ends, 1), (inside, 2)):
        for value in map(rational, values):
            refute_unless(
                rank(_segment(value)) == expected,
                f"the rank is not {expected}",
                W=_segment(value),
                determinant=determinant(_segment(value)),
            )


@plot(NUCLEAR_NOT_UNIQUE)
def measures_along_the_segment() -> Plot:
    """Correlation with two solutions and the margin ratio; and where six runs end."""
    points = [k / 20 for k in range(-20, 21)]
    middle = [1 / (1 + t * t) ** 0.5 for t in points]
    end = [(1 + t) / (2 * (1 + t * t)) ** 0.5 for t in points]
    reached = []
    for seed in range(6):
        *_, (keys, queries) = factorised_descent(data_sets.NOT_UNIQUE, random_start(seed), 800)
        weight = keys @ queries.T
        ratio = float_margin_ratio(data_sets.NOT_UNIQUE, 2.0, weight)
        reached.append((float((weight[0, 1] + weight[1, 0]) / weight.trace()), ratio))
    return Plot(
        title="How two measures rate equally good solutions",
        x_label="t",
        y_label="measure",
        series=[
            Series(label="correlation with t = 0", x=points, y=middle),
            Series(label="correlation with t = 1", x=points, y=end),
            Series(label="margin ratio", x=points, y=[1.0] * len(points)),
            Series(
                label="margin ratio after training (K, Q), six seeds",
                x=[t for t, _ in reached],
                y=[ratio for _, ratio in reached],
                style="points",
            ),
        ],
        caption="Every point of the segment is a solution of least nuclear norm. The correlation "
        "with one of them falls to 0.71 or to zero, the margin ratio stays at one. Training ends "
        "at different points.",
    )
