"""Affine values: exact without a ridge, off by a stated amount with one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import identity_like, inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    check,
    counterexample,
    note,
    prime_field,
    proof,
    refute_unless,
    sampled,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.inequality import entails
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.local_linear_attention import local_linear_weights
from attnproof.theory.paper.lla.affine_exactness import (
    AFFINE_BIAS,
    AFFINE_EXACTNESS,
)

# Z holds k_j − q as rows, W = diag(w), R the inverse of Σ, D that of ω − μᵀρ.
Z, ZT, W, R, D, ONE, ONET = letters("Z Zt W R D one onet")
CONSTANT, SLOPE, QUERY = letters("c B q")
(ridge,) = scalars("ridge")
FIRST = ONET @ W @ Z
ROW = D @ (ONET @ W - FIRST @ R @ ZT @ W)
R_INVERTS = (ZT @ W @ Z + ridge) @ R - 1
LEFT_INVERTS = R @ (ZT @ W @ Z + ridge) - 1
D_INVERTS = D @ (ONET @ W @ ONE - FIRST @ R @ ZT @ W @ ONE) - 1


def _model() -> dict[str, object]:
    centred, weights = rational_array([[1, 2], [0, 1], [3, -1]]), rational_array([1, 2, 4])
    ones, shift = rational_array([[1]] * 3), rational("1/2")
    second = inverse(centred.T @ (weights[:, None] * centred) + shift * np.eye(2, dtype=int))
    first = weights @ centred
    return {
        **{"Z": centred, "Zt": centred.T, "W": rational_array(np.diag([1, 2, 4])), "R": second},
        **{"one": ones, "onet": ones.T, "ridge": shift, "q": rational_array([[2, -1]])},
        **{"c": rational_array([[3]]), "B": rational_array([[1], [2]])},
        "D": rational_array([[1 / (weights.sum() - first @ second @ first)]]),
    }


@check(
    AFFINE_BIAS,
    part="first moment",
    establishes=proof(over="every n and d, all weights and ridges with regular moments"),
    claimed=dict(moment=ridge * D @ FIRST @ R),
    controls={
        "not divided": dict(moment=ridge * FIRST @ R),
        "no ridge": dict(moment=0 * ridge * D @ FIRST @ R),
        "the ridge twice": dict(moment=2 * ridge * D @ FIRST @ R),
    },
)
def first_moment_of_the_weights(moment) -> None:
    """``sZ = D(μᵀ − μᵀR·ZᵀWZ)`` and ``R·ZᵀWZ = 1 − λR``."""
    follows(
        ROW @ Z - moment,
        using=[(-D @ FIRST, LEFT_INVERTS, 1)],
        models=[_model()],
        message="the first moment is another",
    )


@check(
    AFFINE_BIAS,
    part="bias",
    establishes=proof(over="every n, d and d_v, all weights and ridges with regular moments"),
    claimed=dict(error=ridge * D @ FIRST @ R @ SLOPE, row=ROW),
    controls={
        "none at all": dict(error=0 * ridge * D @ FIRST @ R @ SLOPE),
        "softmax weights, not divided": dict(row=ONET @ W),
        "the other sign": dict(error=-1 * ridge * D @ FIRST @ R @ SLOPE),
    },
)
def error_on_affine_values(error, row) -> None:
    """The keys are ``Z + 1q``, so ``s(1c + (Z + 1q)B) − (c + qB) = (s1 − 1)(c + qB) + sZB``."""
    values = ONE @ CONSTANT + (Z + ONE @ QUERY) @ SLOPE
    follows(
        row @ values - CONSTANT - QUERY @ SLOPE - error,
        using=[
            (1, D_INVERTS, CONSTANT + QUERY @ SLOPE),
            (-D @ FIRST, LEFT_INVERTS, SLOPE),
        ],
        models=[_model()],
        message="the error on affine values is another",
    )


P, G = letters("P G")
MEAN, MEANT = ZT @ P @ ONE, ONET @ P @ Z
COVARIANCE = ZT @ P @ Z - MEAN @ MEANT


@check(
    AFFINE_BIAS,
    part="relative ridge",
    establishes=proof(over="every n, d and d_v, all weights and ridges with C + λ regular"),
    claimed=dict(error=ridge * MEANT @ G @ SLOPE),
    controls={
        "softmax attention's": dict(error=MEANT @ SLOPE),
        "none at all": dict(error=0 * ridge * MEANT @ G @ SLOPE),
    },
)
def error_in_centred_moments(error) -> None:
    """``s = pᵀ − zᵀG(Zᵀ − z1ᵀ)P`` sums to one, and ``sZ = zᵀ − zᵀG C = λzᵀG``; it is the form of
    the weights that `covariance-form` proves."""
    centred, ones, shift = rational_array([[1, 2], [0, 1], [3, -1]]), rational_array([[1]] * 3), 1
    weights = rational_array(np.diag([1, 2, 1])) * rational("1/4")
    mean = centred.T @ weights @ ones
    spread = centred.T @ weights @ centred - mean @ mean.T
    given = _model() | {"P": weights, "ridge": rational(shift)}
    given["G"] = inverse(spread + shift * identity_like(spread))
    row = ONET @ P - MEANT @ G @ (ZT - MEAN @ ONET) @ P
    sums_to_one = ONET @ P @ ONE - 1
    follows(
        row @ (ONE @ CONSTANT + (Z + ONE @ QUERY) @ SLOPE) - CONSTANT - QUERY @ SLOPE - error,
        using=[
            (1, sums_to_one, CONSTANT + QUERY @ SLOPE),
            (MEANT @ G @ MEAN, sums_to_one, CONSTANT + QUERY @ SLOPE),
            (-1 * MEANT, G @ (COVARIANCE + ridge) - 1, SLOPE),
        ],
        models=[given],
        message="the error on affine values is another",
    )


@check(
    AFFINE_BIAS,
    part="softmax attention",
    establishes=proof(over="every n, d and d_v, all weights"),
    claimed=dict(error=MEANT @ SLOPE),
    controls={"none": dict(error=0 * MEANT @ SLOPE), "twice": dict(error=2 * MEANT @ SLOPE)},
)
def error_of_softmax_attention(error) -> None:
    """``pᵀ(1c + (Z + 1q)B) − (c + qB) = (pᵀ1 − 1)(c + qB) + pᵀZB``."""
    given = _model() | {"P": rational_array(np.diag([1, 2, 1])) * rational("1/4")}
    follows(
        ONET @ P @ (ONE @ CONSTANT + (Z + ONE @ QUERY) @ SLOPE) - CONSTANT - QUERY @ SLOPE - error,
        using=[(1, ONET @ P @ ONE - 1, CONSTANT + QUERY @ SLOPE)],
        models=[given],
        message="the error on affine values is another",
    )


@check(
    AFFINE_BIAS,
    part="contraction",
    establishes=proof(over="every d, λ ≥ 0", by="non-negative combination in an eigenbasis"),
    claimed=dict(factor=1),
    controls={"by a tenth": dict(factor=Fraction(11, 10)), "halved": dict(factor=2)},
)
def ridge_shrinks_the_error(factor) -> None:
    """Along an eigenvector of C with eigenvalue c ≥ 0 the factor is λ/(c + λ), and
    ``(c + λ)² − λ² = c² + 2cλ``."""
    c, shift = scalars("c ridge")
    entails(
        (c + shift) * (c + shift) - factor * factor * shift * shift,
        given={"c": c, "ridge": shift},
        certificate=[(1, [], [c]), (2, ["c", "ridge"], [])],
        message="the error is not shrunk",
    )


@check(
    AFFINE_EXACTNESS,
    establishes=counterexample(over="keys 0, 1, 3, query 4, value k, ridge 1/7"),
    claimed=dict(ridge_is=rational("1/7")),
    controls={"a large ridge": dict(ridge_is=rational(10))},
    repairs={"no ridge": dict(ridge_is=rational(0))},
)
def identity_map_at_a_query(ridge_is) -> None:
    """The identity on three keys with weights 1, 2, 4."""
    keys, query = rational_array([[0], [1], [3]]), rational_array([4])
    row = local_linear_weights(keys, query, rational_array([1, 2, 4]), ridge_is)
    note(output=str(row @ keys[:, 0]))
    refute_unless(
        row @ keys[:, 0] == 4,
        "an affine map is not reproduced",
        ridge=ridge_is,
        keys=keys,
        weights=row,
        output=row @ keys[:, 0],
    )


@check(
    AFFINE_BIAS,
    part="bias",
    establishes=prime_field(bound="n = 10, d = 4; all weights, keys, queries, slopes, ridges"),
    claimed=dict(factor=lambda ridge_is: ridge_is),
    controls={
        "the square of the ridge": dict(factor=lambda ridge_is: ridge_is * ridge_is),
        "no ridge in the formula": dict(factor=lambda ridge_is: 1),
    },
)
def error_of_the_operator(factor) -> None:
    """The operator on affine values, against the formula with moments summed by themselves."""

    def difference(keys, query, weights, slope, constant, ridge_is):
        values = keys @ slope + constant
        output = local_linear_weights(keys, query, weights, ridge_is) @ values
        centred = keys - query
        second = sum(w * np.outer(z, z) for w, z in zip(weights, centred))
        first = sum(w * z for w, z in zip(weights, centred))
        inside = inverse(second + ridge_is * identity_like(second)) @ first
        error = factor(ridge_is) * (slope @ inside) / (weights.sum() - first @ inside)
        return np.array([output - constant - query @ slope - error], dtype=object)

    vanishes(
        difference,
        [(10, 4), (4,), (10,), (4,), (), ()],
        seed=11,
        message="the error on affine values is another",
    )


@check(
    AFFINE_BIAS,
    part="contraction",
    establishes=sampled(over="80 rational instances, n = 6, d = 2", by="exact rationals"),
    claimed=dict(relative=True),
    controls={"against half the error of softmax attention": dict(relative=False)},
)
def operator_against_softmax_attention(relative) -> None:
    """The vector of errors over all slopes, ``Σ s_j z_j``, against ``Σ p_j z_j``."""
    for draw in independent_draws(80, seed=21):
        keys = rational_array(draw.random.integers(-4, 5, (6, 2)).tolist())
        query = rational_array(draw.random.integers(-4, 5, 2).tolist())
        weights = rational_array(draw.random.integers(1, 9, 6).tolist())
        shift = rational(int(draw.random.integers(1, 30))) / 5
        row = local_linear_weights(keys, query, weights, shift * weights.sum())
        local, constant = row @ (keys - query), weights @ (keys - query) / weights.sum()
        allowed = constant @ constant if relative else constant @ constant / 4
        refute_unless(
            local @ local <= allowed,
            "the error is larger than softmax attention's",
            keys=keys,
            query=query,
            weights=weights,
            ridge=shift,
            error=local,
            softmax_error=constant,
        )
