"""Factors of queries and keys on exact instances, and gradients entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from attnproof.theory.algebra.dual import derivative_of, dual_array
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, note, refute_unless, sampled
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.infinite_self_attention import affinity, frobenius_normalised
from attnproof.theory.operator.linear_infinite_self_attention import key_scores, pooled_query
from attnproof.theory.paper.infsa.attention_map import SCALE_INVARIANCE
from attnproof.theory.paper.infsa.rational_frobenius import queries_with_rational_frobenius_norm
from attnproof.theory.paper.infsa.rational_norm_rows import rational_norm_rows
from attnproof.theory.paper.infsa.rectified_scores import rectified_scores

OVER = "rational instances of 2 to 4 tokens"
ZERO = rational(0)


def _pure_map(query: np.ndarray, key: np.ndarray, epsilon=ZERO) -> np.ndarray:
    return frobenius_normalised(affinity(query, key), epsilon)


def _linear_map(query: np.ndarray, key: np.ndarray, epsilon=ZERO) -> np.ndarray:
    """Scores with ε on their sum; that of the norms has none, so that roots stay rational."""
    scores = key_scores(query, key)
    return scores if epsilon == 0 else scores * (total := _mass(query, key)) / (total + epsilon)


def _mass(query: np.ndarray, key: np.ndarray):
    return sum(rectified_scores(query, key))


def _shifted_map(query: np.ndarray, key: np.ndarray, epsilon=ZERO) -> np.ndarray:
    """Scores normalised by their sum, with one added to the logits before."""
    logits = affinity(query, key) + 1
    return logits / logits.sum()


def _base_two_softmax(query: np.ndarray, key: np.ndarray, epsilon=ZERO) -> np.ndarray:
    """Rows 2^l / Σ 2^l of the rounded-down logits: softmax in rational numbers."""
    logits = query @ key.T / query.shape[-1]
    powers = np.array([[rational(2) ** int(entry.floor()) for entry in row] for row in logits])
    return powers / powers.sum(axis=1)[:, None]


def _instances(pure: bool) -> Iterator[tuple]:
    """Queries, keys and two factors; no score of a key is at the kink of the rectifier."""
    for draw in independent_draws(30, seed=83 + pure):
        tokens = int(draw.random.integers(2, 5))
        if pure:
            query, key = queries_with_rational_frobenius_norm(draw.random, tokens)
            scores = (query @ key.T).ravel()
        else:
            query, key = (rational_norm_rows(draw.random, tokens, 3) for _ in range(2))
            scores = key @ pooled_query(query)
        factors = rational_array(draw.random.integers(1, 9, 2).tolist()) / 4
        if scores.all() and (scores > 0).any():
            yield query, key, factors
        else:
            draw.discard()


def _single(query: list, key: list, factors: list):
    return lambda pure: [tuple(rational_array(entry) for entry in (query, key, factors))]


def _refute_unless_invariant(function: Callable, pure: bool, instances, epsilon) -> None:
    for query, key, factors in instances(pure):
        given = dict(query=query, key=key, factors=factors, epsilon=epsilon)
        scaled = factors[0] * query, factors[1] * key
        before = function(query, key, epsilon)
        refute_unless(
            pure or any(rectified_scores(*scaled)), "no score is left after scaling", **given
        )
        after = function(*scaled, epsilon)
        refute_unless(
            bool((before == after).all()),
            "the normalised map changes with the factors",
            **given,
            map=before,
            map_scaled=after,
        )


@check(
    SCALE_INVARIANCE,
    part="pure",
    establishes=sampled(over=OVER, by="exact rationals"),
    claimed=dict(map=_pure_map, instances=_instances, epsilon=ZERO),
    controls={
        "epsilon a hundredth": dict(epsilon=rational("1/100"), drops="no epsilon"),
        "a negative factor": dict(
            instances=_single([[3, 0], [-1, 4]], [[2, 0], [0, 2]], [-1, 1]),
            drops="positive factors",
        ),
        "one added to the affinities": dict(map=_shifted_map),
        "softmax to the base two": dict(map=_base_two_softmax),
        "affinities as they are": dict(map=lambda query, key, epsilon: affinity(query, key)),
    },
)
def pure_map_scaled(map, instances, epsilon) -> None:
    """The definition on scaled queries and keys, entry by entry."""
    _refute_unless_invariant(map, True, instances, epsilon)


@check(
    SCALE_INVARIANCE,
    part="linear",
    establishes=sampled(over=OVER, by="exact rationals"),
    claimed=dict(map=_linear_map, instances=_instances, epsilon=ZERO),
    controls={
        "epsilon a hundredth": dict(epsilon=rational("1/100"), drops="no epsilon"),
        "a negative factor": dict(
            instances=_single([[3, 4], [4, 3]], [[1, 0], [0, -1]], [-1, 1]),
            drops="positive factors",
        ),
        "softmax to the base two": dict(map=_base_two_softmax),
    },
)
def linear_map_scaled(map, instances, epsilon) -> None:
    """The definition on scaled queries and keys, entry by entry."""
    _refute_unless_invariant(map, False, instances, epsilon)


def _gradients(function: Callable, query: np.ndarray, key: np.ndarray) -> dict:
    """∂L/∂Q and ∂L/∂K for L = Σ_m m f_m, m counting entries; each entry by a run of its own."""
    gradients = {}
    for place, name in enumerate(("query", "key")):
        point = (query, key)[place]
        gradients[name] = point * 0
        for index in np.ndindex(*point.shape):
            direction = point * 0
            direction[index] = rational(1)
            inputs = [query, key]
            inputs[place] = dual_array(point, direction)
            slope = derivative_of(function(*inputs)).ravel()
            gradients[name][index] = slope @ rational_array(range(1, slope.size + 1))
    return gradients


def _first_token(point: np.ndarray) -> np.ndarray:
    result = point * 0
    result[0] = point[0]
    return result


@check(
    SCALE_INVARIANCE,
    part="gradients",
    establishes=sampled(over=OVER, by="exact dual numbers"),
    claimed=dict(direction=lambda point: point, epsilon=ZERO),
    controls={
        "epsilon a hundredth": dict(epsilon=rational("1/100"), drops="no epsilon"),
        "a vector of ones": dict(direction=lambda point: point * 0 + 1),
        "first token alone": dict(direction=_first_token),
    },
)
def gradients_are_orthogonal(direction, epsilon) -> None:
    """Both gradients entry by entry, then their inner products with Q and K. That many of them
    are not zero is part of the test."""
    not_zero = 0
    for function, pure in ((_pure_map, True), (_linear_map, False)):
        for query, key, factors in _instances(pure):
            gradients = _gradients(partial(function, epsilon=epsilon), query, key)
            for name, point in (("query", query), ("key", key)):
                inner = (gradients[name] * direction(point)).sum()
                not_zero += bool(gradients[name].any())
                refute_unless(
                    inner == 0,
                    f"the gradient in the {name} is not orthogonal to it",
                    query=query,
                    key=key,
                    factors=factors,
                    epsilon=epsilon,
                    gradient=gradients[name],
                    inner_product=inner,
                )
    note(gradients_other_than_zero=not_zero)
    refute_unless(not_zero > 40, "most gradients vanish, so that nothing was tested", n=not_zero)
