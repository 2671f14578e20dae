"""Random and small data: a solution or a proof that there is none, both certified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import check, exact, note, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.max_margin_certificate import farkas_violations, kkt_violations
from attnproof.theory.paper.att_svm.general_position import constraint_rows, general_position
from attnproof.theory.paper.att_svm.max_margin import FEASIBILITY
from attnproof.theory.paper.att_svm.max_margin_matrix import Infeasible, max_margin_matrix


def _every_small_size() -> Iterator[tuple[np.ndarray, np.ndarray, tuple[int, ...]]]:
    for dimension in range(1, 5):
        for distractors in range(1, dimension + 1):
            samples = dimension * dimension // distractors
            tokens, queries = general_position(samples, distractors, dimension)
            yield tokens, queries, tuple(i % (distractors + 1) for i in range(samples))


def _middle_of_three():
    """x = (0, 1, 2) on the line, and the token in the middle."""
    return [(rational_array([[[0], [1], [2]]]), rational_array([[1]]), (1,))]


def _opposite_queries():
    """n = d = 2 and T = 2: the same tokens twice, with opposite queries."""
    tokens = rational_array([[[1, 2], [0, 1]], [[1, 2], [0, 1]]])
    return [(tokens, rational_array([[1, 1], [-1, -1]]), (0, 0))]


@check(
    FEASIBILITY,
    part="independent",
    establishes=exact(bound="d ≤ 4, every T − 1 ≤ d, the largest n", by="margins by definition"),
    claimed=dict(data=_every_small_size, target=1),
    controls={
        "token in the middle": dict(data=_middle_of_three, drops="independent"),
        "opposite queries": dict(data=_opposite_queries, drops="independent"),
        "margin two": dict(target=2),
    },
)
def margins_of_the_instances(data, target) -> None:
    """(x_iα − x_it)ᵀ W z_i from W itself, W = Σ λ_k A_k with Gλ = 1. Where G is singular, the
    problem is shown to have no solution."""
    for tokens, queries, selection in data():
        rows = rational_array(constraint_rows(tokens, queries, selection))
        dimension = queries.shape[1]
        stacked = rows.reshape(-1, dimension, dimension)
        try:
            multipliers = inverse(rows @ rows.T).sum(axis=1)
        except ZeroDivisionError:
            _refute_by_weights(stacked)
        matrix = (multipliers @ rows).reshape(dimension, dimension)
        for i, chosen in enumerate(selection):
            values = rational_array(tokens[i]) @ matrix @ rational_array(queries[i])
            others = np.delete(values[chosen] - values, chosen)
            refute_unless(
                bool((others == target).all()), "a margin is another", W=matrix, margins=others
            )


def _refute_by_weights(stacked: np.ndarray) -> None:
    try:
        max_margin_matrix(dict(enumerate(stacked)))
    except Infeasible as no:
        refute_unless(
            bool(farkas_violations(dict(enumerate(stacked)), no.weights)),
            "no W is feasible, as the weights show",
            constraints=stacked,
            weights=_named(no.weights),
        )


def _named(weights: Mapping[object, object]) -> dict[str, object]:
    return {str(key): value for key, value in weights.items()}


def _random_data(random: np.random.Generator):
    """n ≤ 8, T ≤ 6, d ≤ 5, entries −4 … 4, tokens chosen at random; every third with z_i = x_i1."""
    samples, length, dimension = (int(random.integers(1, top)) for top in (9, 7, 6))
    tokens = random.integers(-4, 5, (samples, length + 1, dimension)).astype(object)
    queries = random.integers(-4, 5, (samples, dimension)).astype(object)
    if random.integers(3) == 0:
        queries = tokens[:, 0].copy()
    selection = tuple(int(t) for t in random.integers(0, length + 1, samples))
    return tokens, queries, selection


def _as_found(values):
    return values


def _without_the_last(values):
    kept = list(values)[:-1]
    return {key: values[key] for key in kept}


@check(
    FEASIBILITY,
    part="alternative",
    establishes=sampled(
        over="n ≤ 8, 2 ≤ T ≤ 7, d ≤ 5, integer entries up to 4, random tokens chosen",
        by="search in rationals, certificates multiplied out in fractions",
    ),
    claimed=dict(multipliers=_as_found, weights=_as_found, scale=1),
    controls={
        "a multiplier left out": dict(multipliers=_without_the_last),
        "a weight left out": dict(weights=_without_the_last),
        "weights of sum two": dict(weights=lambda y: {key: 2 * value for key, value in y.items()}),
        "negative weights": dict(weights=lambda y: {key: -value for key, value in y.items()}),
        "half the matrix": dict(scale="1/2"),
    },
)
def one_certificate_or_the_other(multipliers, weights, scale) -> None:
    """Every draw ends in W with multipliers or in weights, and the certificate is multiplied out
    by code that does not know the search. If T − 1 ≤ d and n (T − 1) ≤ d² and the constraints are
    independent, it has to be W."""
    counts = {"feasible": 0, "infeasible": 0, "independent": 0}
    (factor,) = rational_array([scale])
    for draw in independent_draws(300, seed=41):
        tokens, queries, selection = _random_data(draw.random)
        rows = rational_array(constraint_rows(tokens, queries, selection))
        dimension = queries.shape[1]
        stacked = rows.reshape(-1, dimension, dimension)
        conditions = dict(enumerate(stacked))
        independent = FEASIBILITY.hypotheses["independent"].holds(stacked)
        counts["independent"] += independent
        try:
            found = max_margin_matrix(conditions)
        except Infeasible as no:
            counts["infeasible"] += 1
            given = weights(no.weights)
            broken = farkas_violations(conditions, given)
            refute_unless(
                not broken,
                "the weights prove nothing",
                constraints=stacked,
                weights=_named(given),
                broken=broken,
            )
            refute_unless(not independent, "independent, but not feasible", constraints=stacked)
            continue
        counts["feasible"] += 1
        matrix, given = factor * found.matrix, multipliers(found.multipliers)
        broken = kkt_violations(conditions, matrix, given)
        refute_unless(
            not broken,
            "W is not certified",
            constraints=stacked,
            W=matrix,
            multipliers=_named(given),
            broken=broken,
        )
    note(**counts)
