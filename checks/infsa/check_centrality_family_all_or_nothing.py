"""Katz centrality meets eigenvector centrality below 1/ρ only where the degrees already do."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.matrix import ones_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, note, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.centrality import CENTRALITY_FAMILY_BELOW_THE_ROOT
from attnproof.theory.paper.infsa.katz_centrality import degree_centrality, katz_centrality

A, N, V, ROW, ONES = letters("A N v row ones")
GAMMA, RHO, KATZ_FACTOR, DEGREE_FACTOR = scalars("gamma rho katz_factor degree_factor")


def _general_models(time_zero: int) -> Iterator[dict[str, object]]:
    """Perron pairs with γ, with the degrees along v (multiple of v given) or not."""
    for rows, root, right in [
        ([["4/7", "1/7"], ["4/7", "4/7"]], "6/7", [1, 2]),
        ([["1/5", "2/5"], ["2/5", "4/5"]], "1", [1, 2]),
        ([["1/4", "1/2"], ["1/2", "1/4"]], "3/4", [1, 1]),
    ]:
        matrix, gamma = rational_array(rows), rational("1/2")
        vector, degrees = rational_array(right), degree_centrality(rational_array(rows))
        scores = katz_centrality(matrix, gamma) + (1 - time_zero)
        yield {
            "A": matrix,
            "N": fundamental_matrix(matrix, gamma),
            "v": vector[:, None],
            "ones": ones_like(matrix)[:, None],
            "gamma": gamma,
            "rho": rational(root),
            "katz_factor": scores[0] / vector[0],
            "degree_factor": degrees[0] / vector[0],
        }


def _satisfying(time_zero: int, *hypotheses: FreeElement) -> list[dict[str, object]]:
    return [
        model
        for model in _general_models(time_zero)
        if all(entry == 0 for given in hypotheses for entry in given.evaluate(model).flat)
    ]


@check(
    CENTRALITY_FAMILY_BELOW_THE_ROOT,
    part="all or nothing",
    establishes=proof(over="every n, every matrix over every field with an eigenpair"),
    claimed=dict(share=1 - GAMMA * RHO, time_zero=1, weight=GAMMA),
    controls={
        "factor 1 − γρ dropped": dict(share=FreeElement.one()),
        "time zero counted": dict(time_zero=0),
        "weight of the other sign": dict(weight=-GAMMA),
    },
)
def parallel_for_one_discount_or_none(share, time_zero, weight):
    """Both directions, with explicit factors, from (I − γA)N = N(I − γA) = I and Av = ρv.

    Katz scores c·v imply γA1 = c(1 − γρ)v; degrees b·v imply (1 − γρ)(N − I)1 = γb·v. For γ ≠ 0
    and γρ ≠ 1 each can be divided out.
    """
    right_inverse, left_inverse = (1 - GAMMA * A) * N - 1, N * (1 - GAMMA * A) - 1
    eigenvector = A * V - RHO * V
    katz_along = (N - time_zero) * ONES - KATZ_FACTOR * V
    follows(
        weight * A * ONES - KATZ_FACTOR * share * V,
        using=[
            (1 - GAMMA * A, katz_along, 1),
            (-1, right_inverse, ONES),
            (-KATZ_FACTOR * GAMMA, eigenvector, 1),
        ],
        models=_satisfying(time_zero, katz_along, right_inverse, eigenvector),
        message="Katz scores along v do not put the degrees along v",
    )
    degrees_along = A * ONES - DEGREE_FACTOR * V
    follows(
        share * (N - time_zero) * ONES - weight * DEGREE_FACTOR * V,
        using=[
            (share, left_inverse, ONES),
            (share * GAMMA * N, degrees_along, 1),
            (GAMMA * DEGREE_FACTOR, left_inverse, V),
            (GAMMA**2 * DEGREE_FACTOR * N, eigenvector, 1),
        ],
        models=_satisfying(time_zero, degrees_along, left_inverse, eigenvector),
        message="degrees along v do not put the Katz scores along v",
    )


def _parallel(left: np.ndarray, right: np.ndarray) -> bool:
    return all(left[i] * right[j] == left[j] * right[i] for i in range(len(left)) for j in range(i))


def _drawn_pairs() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Positive matrices with a known positive eigenvector v; about half with A1 ∥ v."""
    yield rational_array([[4, 1], [4, 4]]), rational_array([1, 2])
    for draw in independent_draws(40, seed=5):
        size = int(draw.random.integers(2, 6))
        vector = rational_array(draw.random.integers(1, 5, size).tolist())
        if draw.random.integers(2):
            # v yᵀ has the Perron vector v and degrees along v, whatever y is.
            weights = rational_array(draw.random.integers(1, 5, size).tolist())
            yield np.outer(vector, weights), vector
        else:
            free = draw.random.integers(1, 5, (size, size))
            free[:, 0] += free.sum(axis=1).max() - free.sum(axis=1)
            yield rational_array(free.tolist()) * vector[:, None] / vector[None, :], vector


@check(
    CENTRALITY_FAMILY_BELOW_THE_ROOT,
    part="all or nothing",
    establishes=sampled(over="n ≤ 5, positive with a known Perron vector", by="exact rationals"),
    claimed=dict(family=lambda matrix, gamma: katz_centrality(matrix, gamma), side="row"),
    controls={
        "time zero counted": dict(family=lambda matrix, gamma: katz_centrality(matrix, gamma) + 1),
        "degrees by column": dict(side="column"),
        "family replaced by its end": dict(family=lambda matrix, gamma: _perron_of(matrix)),
    },
)
def parallel_on_instances(family, side):
    """At half of 1/ρ and at 99 % of it: Katz ∥ v exactly where A1 ∥ v."""
    met = 0
    for matrix, vector in _drawn_pairs():
        root = (matrix[0] @ vector) / vector[0]
        degrees_along = _parallel(degree_centrality(matrix, side), vector)
        met += degrees_along
        for share in ("1/2", "99/100"):
            gamma = rational(share) / root
            scores = family(matrix, gamma)
            refute_unless(
                _parallel(scores, vector) == degrees_along,
                "Katz scores and degrees disagree about being along v",
                A=matrix,
                v=vector,
                gamma=gamma,
                scores=scores,
            )
    note(draws_with_degrees_along_v=f"{met} of 41")


def _perron_of(matrix: np.ndarray) -> np.ndarray:
    from attnproof.theory.paper.infsa.spectral_projection import spectral_projection

    for row in range(1, 200):
        try:
            projection = spectral_projection(matrix, rational(row))
        except ZeroDivisionError:
            continue
        if bool((matrix @ projection == row * projection).all() and (projection > 0).all()):
            return projection[:, 0]
    raise ZeroDivisionError("no integer Perron root below 200")


@check(
    CENTRALITY_FAMILY_BELOW_THE_ROOT,
    part="equality case",
    establishes=proof(over="every n, every ring with x and a row x′ with x′x = 1"),
    claimed=dict(share=1 - GAMMA, time_zero=1),
    controls={
        "factor 1 − γ dropped": dict(share=FreeElement.one()),
        "time zero counted": dict(time_zero=0),
    },
)
def equality_case_at_every_size(share, time_zero):
    """(1 − γ)(N − I)1 = γ x(x′1) from Â = xx′ and x′x = 1; on reals x′ = xᵀ."""
    left_inverse, rank_one, unit = N * (1 - GAMMA * A) - 1, A - V * ROW, ROW * V - 1
    follows(
        share * (N - time_zero) * ONES - GAMMA * V * ROW * ONES,
        using=[
            (share, left_inverse, ONES),
            (share * GAMMA * N, rank_one, ONES),
            (GAMMA, left_inverse, V * ROW * ONES),
            (GAMMA**2 * N, rank_one, V * ROW * ONES),
            (GAMMA**2 * N * V, unit, ROW * ONES),
        ],
        models=_rank_one_models(),
        message="the scores are another multiple",
    )


def _rank_one_models() -> Iterator[dict[str, object]]:
    for entries in (["3/5", "4/5"], ["2/3", "1/3", "2/3"]):
        vector, gamma = rational_array(entries), rational("1/2")
        matrix = np.outer(vector, vector)
        yield {
            "A": matrix,
            "N": fundamental_matrix(matrix, gamma),
            "v": vector[:, None],
            "row": vector[None, :],
            "ones": ones_like(matrix)[:, None],
            "gamma": gamma,
        }
