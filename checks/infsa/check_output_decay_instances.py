"""Output norms on exact instances: singular values known, permutations exhausted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations

import numpy as np

from attnproof.theory.algebra.matrix import identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import variables
from attnproof.theory.core import check, note, refute_unless, sampled, symbolic
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.operator.infinite_self_attention import (
    affinity,
    frobenius_normalised,
    infinite_self_attention,
)
from attnproof.theory.paper.infsa.attention_map import OUTPUT_DECAY
from attnproof.theory.paper.infsa.rational_frobenius import queries_with_rational_frobenius_norm


def _reflection(generator: np.random.Generator, size: int) -> np.ndarray:
    """``I − 2hhᵀ/hᵀh``, orthogonal and rational."""
    normal = rational_array([1, *generator.integers(-3, 4, size - 1).tolist()])
    return identity_like(np.outer(normal, normal)) - 2 * np.outer(normal, normal) / (
        normal @ normal
    )


def _instances() -> Iterator[tuple]:
    """Map, values as a product of reflections around their singular values, and the discount.

    The first map is uuᵀ, and u the singular vector of the largest singular value of V: there the
    bound is attained.
    """
    unit = rational_array(["3/5", "4/5"])
    across = rational_array(["4/5", "-3/5"])
    value = 5 * np.outer(unit, unit) + 2 * np.outer(across, across)
    yield np.outer(unit, unit), value, rational_array([5, 2]), rational("19/20")
    for draw in independent_draws(40, seed=97):
        tokens = int(draw.random.integers(2, 5))
        query, key = queries_with_rational_frobenius_norm(draw.random, tokens)
        singular = rational_array(draw.random.integers(0, 6, tokens).tolist())
        left, right = (_reflection(draw.random, tokens) for _ in range(2))
        discount = rational(int(draw.random.integers(0, 20))) / 20
        yield (
            frobenius_normalised(affinity(query, key)),
            left @ (singular[:, None] * right),
            singular,
            discount,
        )


def _one(matrix: list, gamma: str):
    return lambda: [
        (
            rational_array(matrix),
            identity_like(rational_array(matrix)),
            rational_array([1] * len(matrix)),
            rational(gamma),
        )
    ]


@check(
    OUTPUT_DECAY,
    part="bound",
    establishes=sampled(over="rational instances of 2 to 4 tokens", by="exact rationals"),
    claimed=dict(instances=_instances, size=max),
    controls={
        "smallest singular value": dict(size=min),
        "nine tenths of the largest": dict(size=lambda singular: max(singular) * 9 / 10),
        "rows that sum to one": dict(
            instances=_one([[1, 0, 0], [0, 1, 0], [0, 0, 1]], "19/20"), drops="normalised"
        ),
        "a negative discount": dict(
            instances=_one([["3/5", 0], [0, "4/5"]], "-1/2"), drops="discount"
        ),
    },
)
def outputs_against_singular_values(instances, size: Callable) -> None:
    """‖γÂV‖_F ≤ γ σ_max, compared by squares; V is built from its singular values."""
    largest = rational(0)
    for matrix, value, singular, gamma in instances():
        bound = gamma * size(list(singular))
        output = gamma * (matrix @ value)
        squared = (output * output).sum()
        refute_unless(
            bool(bound >= 0 and squared <= bound * bound),
            "the outputs are larger than the bound",
            A=matrix,
            gamma=gamma,
            V=value,
            singular_values=singular,
            squared_norm=squared,
            bound=bound,
        )
        if bound != 0:
            largest = max(largest, squared / (bound * bound))
    note(largest_share_of_the_squared_bound=largest)


def _divided_by_row_sums(query, key, value, gamma) -> np.ndarray:
    affinities = affinity(query, key)
    return gamma * (affinities / affinities.sum(axis=1)[:, None]) @ value


@check(
    OUTPUT_DECAY,
    part="permutation",
    establishes=symbolic(bound="N = 1 and N = 4, all permutations, every V"),
    claimed=dict(operator=infinite_self_attention, factor=lambda tokens, root: 1 / root),
    controls={
        "one over N": dict(factor=lambda tokens, root: 1 / rational(tokens)),
        "no decay": dict(factor=lambda tokens, root: rational(1)),
        "rows that sum to one": dict(operator=_divided_by_row_sums),
    },
)
def permutations_of_four_tokens(operator, factor) -> None:
    """The definition on queries and keys with A₀ = 3P, against γ/√N times the permuted values."""
    gamma = rational("19/20")
    for tokens, root in ((1, rational(1)), (4, rational(2))):
        value = np.array(variables(" ".join(f"v{j}" for j in range(tokens))), dtype=object)
        key = identity_like(rational_array(np.eye(tokens, dtype=int).tolist()))
        for order in permutations(range(tokens)):
            query = 3 * tokens * key[list(order)]
            identical(
                operator(query, key, value[:, None], gamma)[:, 0],
                gamma * factor(tokens, root) * value[list(order)],
                "the outputs are not the permuted values times the stated factor",
            )
