"""For small discounts Katz centrality ranks the tokens as their degrees do."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, scalars
from attnproof.theory.algebra.matrix import ones_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.centrality import KATZ_DEGREE_LIMIT
from attnproof.theory.paper.infsa.katz_centrality import degree_centrality, katz_centrality

KATZ_I, KATZ_J, DEGREE_I, DEGREE_J, BOUND, GAP = scalars(
    "katz_i katz_j degree_i degree_j bound gap"
)
GAMMA, NORM, ROW_SUM, DEFICIT = scalars("gamma norm row_sum deficit")

# Four tokens whose degrees differ by 1/2 at least. The loop on token 3 is worth 1/(1 − γ) to
# whoever points at it, token 4 as much with the other sign: tokens 1 and 2 use both so that longer
# walks move them towards each other by the full error bound.
OPPOSED = rational_array(
    [
        ["0", "0", "-3/8", "5/8"],
        ["0", "0", "3/8", "-5/8"],
        ["0", "0", "1", "0"],
        ["0", "0", "-1", "0"],
    ]
)
# Token 1 has the larger degree, but all of it leads to a dead end; token 2 points at a loop.
DEAD_END = rational_array(
    [
        ["0", "0", "0", "3/4"],
        ["0", "0", "5/8", "0"],
        ["0", "0", "1", "0"],
        ["0", "0", "0", "0"],
    ]
)
MILD = rational_array([["1/2", "1/2"], ["1/4", "0"]])


def error_bound(matrix: np.ndarray, gamma):
    """``γ‖A‖_∞² / (1 − γ‖A‖_∞)``."""
    norm = max(np.sum(abs(row)) for row in matrix)
    return gamma * norm**2 / (1 - gamma * norm)


def smallest_gap(degrees: np.ndarray):
    """``min_{i≠j} |d_i − d_j|``."""
    ordered = sorted(degrees)
    return min(high - low for low, high in pairwise(ordered))


def _models(*instances: tuple[np.ndarray, str]) -> Iterator[dict[str, object]]:
    """Tokens 1 and 2 of exact matrices, the first of larger degree."""
    for matrix, discount in instances:
        gamma = rational(discount)
        scores = katz_centrality(matrix, gamma) / gamma
        degrees = degree_centrality(matrix)
        yield {
            "A": matrix,
            "gamma": gamma,
            "katz_i": scores[0],
            "katz_j": scores[1],
            "degree_i": degrees[0],
            "degree_j": degrees[1],
            "bound": error_bound(matrix, gamma),
            "gap": smallest_gap(degrees),
        }


def _order_kept(margin, lowest, instances) -> None:
    models = list(_models(*instances))
    entails(
        KATZ_I - KATZ_J - (GAP - margin),
        given={
            "gap": DEGREE_I - DEGREE_J - GAP,
            "first token": KATZ_I - DEGREE_I - lowest,
            "second token": DEGREE_J + BOUND - KATZ_J,
        },
        certificate=[(1, ["gap"], []), (1, ["first token"], []), (1, ["second token"], [])],
        models=models,
        message="the order of two tokens is reversed",
    )


SCALARS = "every n, every real matrix, every pair of tokens (error bound from the part 'row')"


@check(
    KATZ_DEGREE_LIMIT,
    part="ranking",
    establishes=proof(over=SCALARS, by="non-negative combination"),
    claimed=dict(margin=2 * BOUND),
    controls={
        "one error instead of two": dict(margin=BOUND),
        "no allowance for longer walks": dict(margin=FreeElement.constant(0)),
    },
)
def order_kept_within_two_errors(margin):
    """Two numbers within E of others that differ by δ > 2E keep their order.

    Proves katz_i − katz_j ≥ δ − 2E > 0 from degree_i − degree_j ≥ δ and both errors at most E,
    where Katz scores are divided by γ > 0, which changes no order. The controls are refuted on the
    actual scores of a signed matrix, on which the factor 2 is attained.
    """
    _order_kept(margin, -BOUND, [(MILD, "1/8"), (OPPOSED, "1/4"), (DEAD_END, "1/2")])


@check(
    KATZ_DEGREE_LIMIT,
    part="ranking of a non-negative matrix",
    establishes=proof(over=SCALARS.replace("real", "non-negative"), by="non-negative combination"),
    claimed=dict(margin=BOUND, lowest=FreeElement.constant(0), sign=1),
    controls={
        "signed matrix": dict(lowest=-BOUND),
        "no allowance for longer walks": dict(margin=FreeElement.constant(0)),
        "deficits of the other sign": dict(sign=-1),
    },
)
def order_kept_when_walks_only_add(margin, lowest, sign):
    """For A ≥ 0 the error lies in [0, E], so that one E is enough.

    That NA1 ≥ 0 is proved without the series: let −n be the smallest entry of w = A1 + γAw and
    suppose n > 0. In its row, with row sum r ≤ ‖A‖, w ≥ γr·(−n), so γrn ≥ n; together with
    γ‖A‖ < 1 this gives n(1 − γ‖A‖) ≤ 0, a contradiction.
    """
    entails(
        -sign * DEFICIT * (1 - GAMMA * NORM),
        given={
            "deficit": DEFICIT,
            "gamma": GAMMA,
            "row sum": NORM - ROW_SUM,
            "smallest entry": GAMMA * ROW_SUM * DEFICIT - DEFICIT,
        },
        certificate=[(1, ["smallest entry"], []), (1, ["gamma", "deficit", "row sum"], [])],
        message="a non-negative matrix has negative Katz scores",
    )
    instances = [(MILD, "1/4"), (DEAD_END, "1/2")]
    if not lowest.is_zero:
        instances.append((OPPOSED, "1/4"))
    _order_kept(margin, lowest, instances)


def _ranking_agrees(share: str, errors: int, signed: bool, turn) -> None:
    """γ such that ``errors · γ‖A‖²/(1 − γ‖A‖) = share · δ``, then both orders, exactly."""
    for matrix in _drawn(signed):
        degrees = degree_centrality(matrix)
        norm, gap = max(np.sum(abs(row)) for row in matrix), smallest_gap(degrees)
        allowed = rational(share) * gap / errors
        gamma = allowed / (norm**2 + allowed * norm)
        scores = katz_centrality(matrix, gamma)
        refute_unless(
            np.argsort(turn * degrees).tolist() == np.argsort(scores).tolist(),
            "the two centralities rank the tokens differently",
            A=matrix,
            gamma=gamma,
            katz=scores,
            degrees=degrees,
        )


def _drawn(signed: bool) -> Iterator[np.ndarray]:
    yield OPPOSED if signed else DEAD_END
    for draw in independent_draws(40, seed=2):
        size = int(draw.random.integers(2, 7))
        lowest = -8 if signed else 0
        matrix = rational_array(draw.random.integers(lowest, 9, (size, size)).tolist()) / 8
        if smallest_gap(degree_centrality(matrix)) == 0:
            draw.discard()
            continue
        yield matrix


@check(
    KATZ_DEGREE_LIMIT,
    part="ranking",
    establishes=sampled(over="n ≤ 6, signed rationals", by="exact rationals"),
    claimed=dict(share="99/100", turn=1),
    controls={
        "four thirds of the margin": dict(share="4/3"),
        "reversed order": dict(turn=-1),
    },
)
def rankings_on_instances(share, turn):
    """Both rankings from the definitions, at 99 % of the margin."""
    _ranking_agrees(share, 2, True, turn)


@check(
    KATZ_DEGREE_LIMIT,
    part="ranking of a non-negative matrix",
    establishes=sampled(over="n ≤ 6, non-negative rationals", by="exact rationals"),
    claimed=dict(share="99/100", signed=False),
    controls={
        "signed matrix": dict(signed=True),
        "eight times the margin": dict(share="8"),
    },
)
def rankings_of_non_negative_matrices(share, signed):
    """The same with one error instead of two; a signed matrix then breaks the order."""
    _ranking_agrees(share, 1, signed, 1)


@check(
    KATZ_DEGREE_LIMIT,
    part="ranking of a non-negative matrix",
    establishes=sampled(over="n ≤ 6, non-negative rationals", by="exact rationals"),
    claimed=dict(signed=False),
    controls={"signed matrix": dict(signed=True)},
)
def walks_only_add(signed):
    """NA1 ≥ 0 from the definition, at γ = 1/(2‖A‖)."""
    for matrix in _drawn(signed):
        gamma = 1 / (2 * max(np.sum(abs(row)) for row in matrix))
        walks = fundamental_matrix(matrix, gamma) @ matrix @ ones_like(matrix)
        refute_unless(bool((walks >= 0).all()), "a walk counts less than 0", A=matrix, walks=walks)
