"""Products with the moments about a query, from keys and query alone."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.counting import Tally, counting_array
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import identity_like
from attnproof.theory.core import check, exact, prime_field, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.paper.lla.matrix_free import MATRIX_FREE

K, KT, W, Q, QT, ONE, ONET, X = letters("K Kt W q qt one onet x")
(ridge,) = scalars("ridge")
CENTRED, CENTREDT = K - ONE @ QT, KT - Q @ ONET
SECOND = CENTREDT @ W @ CENTRED + ridge


@check(
    MATRIX_FREE,
    part="relative product",
    establishes=proof(over="every n and d"),
    claimed=dict(correction=X @ Q @ ONET),
    controls={
        "the keys alone": dict(correction=0 * X @ Q @ ONET),
        "the correction added": dict(correction=-1 * X @ Q @ ONET),
    },
)
def relative_product(correction) -> None:
    """The differences of keys and query enter a product with a correction of rank one."""
    follows(X @ CENTREDT - X @ KT + correction, message="the relative product is another")


@check(
    MATRIX_FREE,
    part="product",
    establishes=proof(over="every n and d, all weights and ridges"),
    claimed=dict(seen=K @ X - ONE @ QT @ X, correction=Q @ ONET),
    controls={
        "keys not centred on the right": dict(seen=K @ X),
        "keys not centred on the left": dict(correction=0 * Q @ ONET),
        "the correction added": dict(correction=-1 * Q @ ONET),
    },
)
def product_without_the_matrix(seen, correction) -> None:
    """``(K − 1qᵀ)ᵀW(K − 1qᵀ)x + λx = Kᵀy − q(1ᵀy) + λx`` with ``y = W(Kx − 1(qᵀx))``."""
    weighted = W @ seen
    given = KT @ weighted - correction @ weighted + ridge * X
    follows(SECOND @ X - given, message="the product is another")


@check(
    MATRIX_FREE,
    part="moments",
    establishes=proof(over="every n and d, all weights and ridges"),
    claimed=dict(square=Q @ ONET @ W @ ONE @ QT),
    controls={
        "without the square of the query": dict(square=0 * Q @ QT),
        "the square without the mass": dict(square=Q @ QT),
    },
)
def moments_about_the_origin(square) -> None:
    """Expanded: four terms, of which three hold the query."""
    given = KT @ W @ K - KT @ W @ ONE @ QT - Q @ ONET @ W @ K + square + ridge
    follows(SECOND - given, message="the moments are others")


def _product(keys, query, weights, ridge_is, vector):
    """Σx with arrays of n and of d numbers only."""
    weighted = weights * (keys @ vector - query @ vector)
    return keys.T @ weighted - query * weighted.sum() + ridge_is * vector


@check(
    MATRIX_FREE,
    part="product",
    establishes=prime_field(bound="n = 40, d = 12"),
    claimed=dict(product=_product),
    controls={
        "without the correction": dict(
            product=lambda keys, query, weights, ridge_is, vector: (
                keys.T @ (weights * (keys @ vector - query @ vector)) + ridge_is * vector
            )
        )
    },
)
def program_against_the_matrix(product) -> None:
    """The program whose operations are counted, against Σ summed key by key."""

    def difference(keys, query, weights, ridge_is, vector):
        second = sum(w * np.outer(key - query, key - query) for w, key in zip(weights, keys))
        full = (second + ridge_is * identity_like(second)) @ vector
        return product(keys, query, weights, ridge_is, vector) - full

    vanishes(
        difference,
        [(40, 12), (12,), (40,), (), (12,)],
        degree_shapes=[(3, 2), (2,), (3,), (), (2,)],
        seed=17,
        message="the product is another",
    )


@check(
    MATRIX_FREE,
    part="operations",
    establishes=exact(bound="n ≤ 7, d ≤ 5", by="a counting number type"),
    claimed=dict(
        multiplications=lambda n, d: 2 * n * d + n + 3 * d,
        additions=lambda n, d: 2 * n * d + n + 2 * d - 2,
        formed=lambda n, d: n * d * d + n * d,
    ),
    controls={
        "no correction": dict(multiplications=lambda n, d: 2 * n * d + n + d),
        "additions without the query": dict(additions=lambda n, d: 2 * n * d - 1),
        "moments by half": dict(formed=lambda n, d: n * d * (d + 1) // 2 + n * d),
    },
)
def counted_operations(multiplications, additions, formed) -> None:
    """The product's program run on counting numbers, and the moments as their formula says."""
    for n in range(1, 8):
        for d in range(1, 6):
            tally = Tally()
            numbers = lambda *shape, tally=tally: counting_array(np.ones(shape), tally)
            _product(numbers(n, d), numbers(d), numbers(n), numbers(1)[0], numbers(d))
            found = (tally.counts["multiply"], tally.counts["add"])
            refute_unless(
                found == (multiplications(n, d), additions(n, d)),
                "the operations are others",
                n=n,
                d=d,
                multiplications=found[0],
                additions=found[1],
            )
            tally = Tally()
            centred, weights = numbers(n, d, tally=tally), numbers(n, tally=tally)
            _ = centred.T @ (weights[:, None] * centred)
            refute_unless(
                tally.counts["multiply"] == formed(n, d),
                "the moments take another number of multiplications",
                n=n,
                d=d,
                multiplications=tally.counts["multiply"],
            )
