"""Local polynomial fits reproduce polynomials of their degree, and no more."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np

from attnproof.theory.algebra.free_algebra import letters
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational_array
from attnproof.theory.core import check, exact, note, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.operator.local_polynomial_attention import (
    centred_monomials,
    local_polynomial_weights,
)
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_attention
from attnproof.theory.paper.ttr.local_regression import LOCAL_POLYNOMIAL

X, XT, W, R, first = letters("X Xt W R e0")


@check(
    LOCAL_POLYNOMIAL,
    part="reproduction",
    establishes=proof(over="every n, d, p, all weights, keys with a regular normal matrix"),
    claimed=dict(weights=first @ R @ XT @ W),
    controls={
        "weights forgotten": dict(weights=first @ R @ XT),
        "weights twice": dict(weights=first @ R @ XT @ W @ W),
        "normal matrix not inverted": dict(weights=first @ XT @ W),
    },
)
def moments_of_the_equivalent_weights(weights) -> None:
    """``sᵀX = e_0ᵀ(XᵀWX)^{-1}XᵀWX = e_0ᵀ``: the weights sum to one and all centred moments up to
    degree p vanish. A polynomial of degree p is ``f(k) = Σ_a c_a (k − q)^a``, ``c_0 = f(q)``, so
    ``Σ s_i f(k_i) = sᵀXc = c_0 = f(q)``."""
    design = rational_array([[1, 0], [1, 1], [1, 3]])
    diagonal = rational_array(np.diag([1, 2, 5]))
    model = {
        **{"X": design, "Xt": design.T, "W": diagonal, "e0": rational_array([[1, 0]])},
        "R": inverse(design.T @ diagonal @ design),
    }
    follows(
        weights @ X - first,
        using=[(first, R @ XT @ W @ X - 1, 1)],
        models=[model],
        message="the moments are others",
    )


def _polynomial(keys, coefficients, degree):
    """``Σ_a c_a k^a`` with plain monomials, unlike the centred ones of the fit."""
    total = 0 * keys[:, 0]
    index = 0
    for order in range(degree + 1):
        for chosen in combinations_with_replacement(range(keys.shape[1]), order):
            term = coefficients[index] + 0 * keys[:, 0]
            for channel in chosen:
                term = term * keys[:, channel]
            total, index = total + term, index + 1
    return total


def _size(width: int, degree: int) -> int:
    return centred_monomials(np.zeros((1, width)), np.zeros(width), degree).shape[1]


@check(
    LOCAL_POLYNOMIAL,
    part="reproduction",
    establishes=sampled(over="40 rational instances for each p ≤ 3, d = 2", by="exact rationals"),
    claimed=dict(excess=0, bends=lambda weights: weights),
    controls={
        "polynomials of one degree more": dict(excess=1),
        "weights not normalised": dict(bends=lambda weights: 2 * weights),
    },
)
def polynomials_are_reproduced(excess, bends) -> None:
    """Softmax weights to the base 2 with integer scores; fourteen keys on a grid of integers."""
    for draw in independent_draws(40, seed=8):
        keys = rational_array(draw.random.integers(-4, 5, (14, 2)).tolist())
        query = rational_array(draw.random.integers(-3, 4, 2).tolist())
        weights = power_of_two(rational_array(draw.random.integers(-2, 3, 14).tolist()))
        for degree in range(4):
            try:
                fitted = bends(local_polynomial_weights(keys, query, weights, degree))
            except ZeroDivisionError:
                draw.discard()
                break
            count = _size(2, degree + excess)
            coefficients = rational_array(draw.random.integers(-3, 4, count).tolist())
            values = _polynomial(keys, coefficients, degree + excess)
            truth = _polynomial(query[None, :], coefficients, degree + excess)[0]
            refute_unless(
                fitted @ values == truth,
                "the fit does not reproduce the polynomial",
                p=degree,
                K=keys,
                q=query,
                weights=weights,
                coefficients=coefficients,
                output=fitted @ values,
                truth=truth,
            )


@check(
    LOCAL_POLYNOMIAL,
    part="not beyond",
    establishes=exact(bound="p = 0, 1, 2, one channel, the keys 0, 1, 3, 4 and the query 1"),
    claimed=dict(excess=1),
    controls={"polynomials of the same degree": dict(excess=0)},
)
def next_degree_is_not_reproduced(excess) -> None:
    """The monomial k^{p+1} at the query 1, with equal weights."""
    keys, query = rational_array([[0], [1], [3], [4]]), rational_array([1])
    for degree in range(3):
        weights = local_polynomial_weights(keys, query, rational_array([1] * 4), degree)
        power = degree + excess
        output = weights @ keys[:, 0] ** power if power else weights.sum()
        note(**{f"output_for_degree_{degree}": output})
        refute_unless(
            output != 1,
            "the monomial is reproduced",
            p=degree,
            K=keys,
            weights=weights,
            output=output,
        )


@check(
    LOCAL_POLYNOMIAL,
    part="reproduction",
    establishes=exact(bound="the stated five keys: degree 0 is softmax attention itself"),
    claimed=dict(degree=0),
    controls={"degree one": dict(degree=1)},
)
def degree_zero_is_softmax(degree) -> None:
    """The local constant fit with the weights 2^{qᵀk} against softmax attention to the base 2."""
    keys = rational_array([[0, 1], [2, 1], [1, -1], [3, 0], [-1, 2]])
    query, values = rational_array([1, -1]), rational_array([[1], [4], [9], [-2], [3]])
    weights = local_polynomial_weights(keys, query, power_of_two(keys @ query), degree)
    attention = softmax_attention(query[None, :], keys, values, power=power_of_two)[0]
    refute_unless(
        bool((weights @ values == attention).all()),
        "the fit is not softmax attention",
        K=keys,
        q=query,
        output=weights @ values,
        attention=attention,
    )
