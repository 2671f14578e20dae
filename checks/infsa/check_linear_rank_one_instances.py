"""The linear variant as an operator, on instances: its matrix is its action on the identity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.matrix import determinant, identity_like, rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.operator.infinite_self_attention import affinity, infinite_self_attention
from attnproof.theory.operator.linear_infinite_self_attention import linear_infinite_self_attention
from attnproof.theory.paper.infsa.linear_variant import LINEAR_RANK_ONE
from attnproof.theory.paper.infsa.rational_norm_rows import rational_norm_rows
from attnproof.theory.paper.infsa.rectified_scores import rectified_scores

Inputs = tuple[np.ndarray, np.ndarray, object]
OVER = "2 to 6 tokens, head width 1 to 3, rows of rational norm"


def _instances() -> Iterator[Inputs]:
    # The Frobenius norm of these affinities is 5, so that the pure variant is rational as well;
    # and so is √d, which ε brings in.
    query = rational_array([[4, 0, 0, 0], [0, 4, 0, 0]])
    yield query, rational_array([[1, 4, 0, 0], [2, 2, 0, 0]]), rational("19/20")
    for draw in independent_draws(30, seed=41):
        tokens, width = int(draw.random.integers(2, 7)), int(draw.random.integers(1, 4))
        query = rational_norm_rows(draw.random, tokens, width)
        key = rational_norm_rows(draw.random, tokens, width)
        if not any(rectified_scores(query, key)):
            draw.discard()
            continue
        yield query, key, rational(int(draw.random.integers(0, 20))) / 20


def _row_by_row(query, key, value, gamma):
    """Every token with its own query, rows normalised."""
    affinities = affinity(query, key)
    return gamma * (affinities / affinities.sum(axis=1)[:, None]) @ value


def _with_residual(query, key, value, gamma):
    return value + linear_infinite_self_attention(query, key, value, gamma)


@check(
    LINEAR_RANK_ONE,
    part="equal rows",
    establishes=sampled(over=OVER, by="exact rationals"),
    claimed=dict(operator=linear_infinite_self_attention, largest_rank=1),
    controls={
        "pure variant": dict(operator=infinite_self_attention),
        "every token its own query": dict(operator=_row_by_row),
        "with the residual": dict(operator=_with_residual),
        "rank zero": dict(largest_rank=0),
    },
)
def matrix_of_the_operator(operator, largest_rank: int) -> None:
    """Exact rank and the spread of the rows."""
    for query, key, gamma in _instances():
        matrix = operator(query, key, identity_like(query @ key.T), gamma)
        refute_unless(
            rank(matrix) <= largest_rank and bool((matrix == matrix[0]).all()),
            "the rows differ, or the rank is larger",
            query=query,
            key=key,
            gamma=gamma,
            matrix=matrix,
            rank=rank(matrix),
        )


def _one(query: list, key: list, gamma: str):
    return lambda: [(rational_array(query), rational_array(key), rational(gamma))]


@check(
    LINEAR_RANK_ONE,
    part="resolvent",
    establishes=sampled(over=OVER, by="exact rationals"),
    claimed=dict(
        closed_form=lambda identity, matrix, gamma: identity + matrix / (1 - gamma),
        instances=_instances,
    ),
    controls={
        "opposite sign": dict(
            closed_form=lambda identity, matrix, gamma: identity - matrix / (1 - gamma)
        ),
        "one plus the discount": dict(
            closed_form=lambda identity, matrix, gamma: identity + matrix / (1 + gamma)
        ),
        "first order only": dict(closed_form=lambda identity, matrix, gamma: identity + matrix),
        "discount one": dict(
            instances=_one([[1], [2], [5]], [[3], [1], [2]], "1"), drops="discount"
        ),
        "no score survives": dict(
            instances=_one([[1], [-3]], [[1], [1]], "1/2"), drops="some score"
        ),
    },
)
def resolvent_on_instances(closed_form, instances) -> None:
    """The inverse of I − M by elimination against the closed form with σ = 1."""
    for query, key, gamma in instances():
        given = dict(query=query, key=key, gamma=gamma)
        refute_unless(
            any(rectified_scores(query, key)),
            "no score is positive, so that with ε = 0 there is no operator",
            **given,
        )
        identity = identity_like(query @ key.T)
        matrix = linear_infinite_self_attention(query, key, identity, gamma)
        refute_unless(
            determinant(identity - matrix) != 0, "I − M has no inverse", **given, matrix=matrix
        )
        inverse, wanted = fundamental_matrix(matrix, 1), closed_form(identity, matrix, gamma)
        refute_unless(
            bool((inverse == wanted).all()),
            "the inverse is not the closed form",
            **given,
            inverse=inverse,
            closed_form=wanted,
        )


@check(
    LINEAR_RANK_ONE,
    part="substochastic",
    establishes=sampled(over=OVER, by="exact rationals"),
    claimed=dict(operator=linear_infinite_self_attention, epsilon="0", defect="0"),
    controls={
        "epsilon of a tenth": dict(epsilon="1/10"),
        "pure variant": dict(operator=infinite_self_attention),
        "a hundredth missing": dict(defect="1/100"),
    },
)
def row_sums_on_instances(operator, epsilon: str, defect: str) -> None:
    """For ε = 0 every row sums to γ, and no entry is negative."""
    for query, key, gamma in _instances():
        identity = identity_like(query @ key.T)
        matrix = operator(query, key, identity, gamma, rational(epsilon))
        sums = matrix.sum(axis=1)
        refute_unless(
            bool((matrix >= 0).all() and (sums == gamma - rational(defect)).all()),
            "an entry is negative, or a row does not sum to the discount",
            query=query,
            key=key,
            gamma=gamma,
            row_sums=sums,
        )
