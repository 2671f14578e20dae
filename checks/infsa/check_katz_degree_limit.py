"""Katz centrality tends to degree centrality as the discount vanishes: the rate."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.matrix import ones_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, note, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.centrality import KATZ_DEGREE_LIMIT
from attnproof.theory.paper.infsa.katz_centrality import degree_centrality, katz_centrality

A, N, ONES = letters("A N ones")
GAMMA, INVERSE = scalars("gamma inverse")
LENGTH, WALK, ERROR, NORM = scalars("ones_norm walk error norm")

EXAMPLES = [
    (rational_array([[1]]), rational("1/2")),
    (rational_array([[1, 2], [3, 0]]), rational("1/10")),
    (rational_array([["1/2", "-1/4"], ["1/3", "1/2"]]), rational(1)),
]

EVERY_SIZE = "every n, every real matrix, every compatible norm"


def largest(array: np.ndarray):
    """``‖M‖_∞``: the largest row sum of absolute values; of a vector, its largest entry."""
    return max(np.sum(abs(row)) for row in array)


def _error(matrix: np.ndarray, gamma, side: str, hops: int) -> np.ndarray:
    """Katz centrality over γ, less the first ``hops`` walks, from the definitions."""
    acting = matrix if side == "row" else matrix.T
    walks = degree_centrality(matrix, side)
    expected = walks
    for _ in range(hops - 1):
        walks = gamma * (acting @ walks)
        expected = expected + walks
    return katz_centrality(matrix, gamma, side) / gamma - expected


def _models(side: str, hops: int) -> Iterator[dict[str, object]]:
    """Exact matrices with the numbers that the inequality is about, in the ∞-norm."""
    for matrix, gamma in EXAMPLES:
        acting = matrix if side == "row" else matrix.T
        resolvent = fundamental_matrix(matrix, gamma)
        ones = ones_like(matrix)
        yield {
            "A": matrix,
            "N": resolvent,
            "ones": ones[:, None] if side == "row" else ones[None, :],
            "gamma": gamma,
            "inverse": 1 / gamma,
            "norm": largest(acting),
            "ones_norm": largest(ones[:, None]),
            "walk": largest((fundamental_matrix(acting, gamma) @ acting @ ones)[:, None]),
            "error": largest(_error(matrix, gamma, side, hops)[:, None]),
        }


def _holds_at_every_size(side: str, hops: int, weight, word, cleared) -> None:
    """Identity, then norm.

    With w = NA1 the hypotheses (I − γA)N = N(I − γA) = I give, in the free algebra,

        ((N − I)/γ − Σ_{t=1}^m γ^{t−1}A^t) 1 = γ^m A^m w    and    w = A1 + γAw.

    For a norm with ‖Ax‖ ≤ ‖A‖‖x‖ the triangle inequality turns the second into
    ‖w‖ ≤ ‖A‖‖1‖ + γ‖A‖‖w‖, and compatibility the first into ‖error‖ ≤ γ^m‖A‖^m‖w‖; these two
    are the only facts about the norm. The column form is the same with every word reversed.
    """

    def word_of(*factors: object) -> FreeElement:
        return prod(factors if side == "row" else factors[::-1], start=FreeElement.one())

    models = list(_models(side, hops))
    first_walks = sum((GAMMA**t * A ** (t + 1) for t in range(hops)), start=FreeElement.constant(0))
    claimed = INVERSE * (N - 1) - first_walks - weight * word_of(*word)
    solves_right = word_of(1 - GAMMA * A, N) - 1
    solves_left = word_of(N, 1 - GAMMA * A) - 1
    steps = [
        (INVERSE, solves_left, 1),
        (word_of(N, A), INVERSE * GAMMA - 1, 1),
        *((GAMMA**t * A**t, solves_right, A) for t in range(hops)),
    ]
    follows(
        word_of(claimed, ONES),
        using=[_placed(side, left, middle, right) for left, middle, right in steps],
        models=models,
        message="the remainder has another form",
    )
    follows(
        word_of(N, A, ONES) - word_of(A, ONES) - GAMMA * word_of(A, N, A, ONES),
        using=[_placed(side, 1, solves_right, A)],
        models=models,
        message="w = A1 + γAw fails",
    )
    given = {
        "gamma": GAMMA,
        "norm": NORM,
        "contraction": 1 - GAMMA * NORM,
        "triangle": NORM * LENGTH + GAMMA * NORM * WALK - WALK,
        "compatibility": (GAMMA * NORM) ** hops * WALK - ERROR,
    }
    entails(
        cleared(GAMMA, NORM, LENGTH, ERROR),
        given=given,
        certificate=[
            (1, ["contraction", "compatibility"], []),
            (1, ["gamma"] * hops + ["norm"] * hops + ["triangle"], []),
        ],
        models=models,
        message="the error exceeds the bound",
    )


def _placed(side: str, left: object, middle: FreeElement, right: object):
    """A step of the certificate between the letters of its form, the ones vector outermost."""
    if side == "row":
        return left, middle, right * ONES
    return ONES * right, middle, left


@check(
    KATZ_DEGREE_LIMIT,
    part="row",
    establishes=proof(over=EVERY_SIZE),
    claimed=dict(
        weight=GAMMA,
        word=(A, N, A),
        cleared=lambda gamma, a, ones, error: gamma * a * a * ones - error * (1 - gamma * a),
    ),
    controls={
        "remainder without a discount": dict(weight=FreeElement.one()),
        "remainder of the other sign": dict(weight=-GAMMA),
        "one hop fewer in the remainder": dict(word=(N, A)),
        "error of second order": dict(
            cleared=lambda gamma, a, ones, error: gamma**2 * a * a * ones - error * (1 - gamma * a)
        ),
        "longer walks ignored": dict(
            cleared=lambda gamma, a, ones, error: gamma * a * a * ones - error
        ),
        "half the bound": dict(
            cleared=lambda gamma, a, ones, error: gamma * a * a * ones / 2 - error * (1 - gamma * a)
        ),
    },
)
def row_form_at_every_size(weight, word, cleared):
    """‖(N−I)1/γ − A1‖ ≤ γ‖A‖²‖1‖/(1−γ‖A‖), both sides multiplied by 1 − γ‖A‖ > 0."""
    _holds_at_every_size("row", 1, weight, word, cleared)


@check(
    KATZ_DEGREE_LIMIT,
    part="column",
    establishes=proof(over=EVERY_SIZE),
    claimed=dict(
        weight=GAMMA,
        word=(A, N, A),
        cleared=lambda gamma, a, ones, error: gamma * a * a * ones - error * (1 - gamma * a),
    ),
    controls={
        "remainder without a discount": dict(weight=FreeElement.one()),
        "one hop more in the remainder": dict(word=(A, A, N, A)),
        "error of second order": dict(
            cleared=lambda gamma, a, ones, error: gamma**2 * a * a * ones - error * (1 - gamma * a)
        ),
    },
)
def column_form_at_every_size(weight, word, cleared):
    """The same for rows 1ᵀ acting from the left, and a norm with ‖xᵀA‖ ≤ ‖Aᵀ‖‖x‖."""
    _holds_at_every_size("column", 1, weight, word, cleared)


@check(
    KATZ_DEGREE_LIMIT,
    part="next order",
    establishes=proof(over=EVERY_SIZE),
    claimed=dict(
        weight=GAMMA**2,
        word=(A, A, N, A),
        cleared=lambda gamma, a, ones, error: gamma**2 * a**3 * ones - error * (1 - gamma * a),
    ),
    controls={
        "remainder of first order": dict(weight=GAMMA),
        "one hop fewer in the remainder": dict(word=(A, N, A)),
        "error of third order": dict(
            cleared=lambda gamma, a, ones, error: gamma**3 * a**3 * ones - error * (1 - gamma * a)
        ),
    },
)
def next_order_at_every_size(weight, word, cleared):
    """The error is γA²1 + O(γ²), so that first order is exact unless A²1 = 0."""
    _holds_at_every_size("row", 2, weight, word, cleared)


def _drawn() -> Iterator[tuple[np.ndarray, int]]:
    for matrix, _ in EXAMPLES[1:]:
        yield matrix, 1
    for draw in independent_draws(40, seed=1):
        size = int(draw.random.integers(2, 7))
        matrix = rational_array(draw.random.integers(-8, 9, (size, size)).tolist()) / 8
        if largest(matrix) == 0:
            draw.discard()
            continue
        yield matrix, int(draw.random.integers(1, 100))


def _compare(side: str, power: int, share: str, value) -> None:
    """Definitions against the bound, γ = share/‖A‖, in the ∞-norm."""
    for matrix, percent in _drawn():
        norm = largest(matrix if side == "row" else matrix.T)
        gamma = rational(share) * percent / 100 / norm
        error = value(katz_centrality(matrix, gamma, side)) / gamma
        error = largest((error - degree_centrality(matrix, side))[:, None])
        bound = gamma**power * norm**2 / (1 - gamma * norm)
        refute_unless(
            error <= bound,
            "Katz centrality is farther from degree centrality than claimed",
            A=matrix,
            gamma=gamma,
            error=error,
            bound=bound,
        )


INSTANCE_CONTROLS = {
    "error of second order": dict(power=2),
    "time zero counted": dict(value=lambda scores: scores + 1),
}


@check(
    KATZ_DEGREE_LIMIT,
    part="row",
    establishes=sampled(over="n ≤ 6, signed rationals, ∞-norm", by="exact rationals"),
    claimed=dict(power=1, share="1", value=lambda scores: scores),
    controls={
        **INSTANCE_CONTROLS,
        "discount beyond the norm": dict(share="150", drops="discount"),
    },
)
def row_form_on_instances(power, share, value):
    """The definitions of both centralities, exactly, on matrices drawn at random."""
    _compare("row", power, share, value)
    matrix = EXAMPLES[1][0]
    note(**{f"error at γ = 1/{10**k}": f"{float(_first_error(matrix, k)):.4g}" for k in (1, 2, 3)})


def _first_error(matrix: np.ndarray, k: int) -> float:
    error = largest(_error(matrix, rational(1) / 10**k, "row", 1)[:, None])
    return int(error.p) / int(error.q)


@check(
    KATZ_DEGREE_LIMIT,
    part="column",
    establishes=sampled(over="n ≤ 6, signed rationals, 1-norm", by="exact rationals"),
    claimed=dict(power=1, share="1", value=lambda scores: scores),
    controls=INSTANCE_CONTROLS,
)
def column_form_on_instances(power, share, value):
    """The same for columns; ‖Aᵀ‖_∞ is the largest column sum."""
    _compare("column", power, share, value)
