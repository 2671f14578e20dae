"""Softmax attention minus a first-order correction, and what follows for the denominator."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import identity_like, inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, prime_field, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.local_linear_attention import local_linear_weights
from attnproof.theory.paper.lla.covariance_form import (
    COVARIANCE_FORM,
    DENOMINATOR_AND_WEIGHT_BOUNDS,
)

# Z holds k_j − q as rows, P = diag(p); z = Zᵀp; G the inverse of C + λ, R that of C + zzᵀ + λ,
# D that of 1 − zᵀRz.
Z, ZT, P, ONE, ONET, G, R, D = letters("Z Zt P one onet G R D")
(ridge,) = scalars("ridge")
MEAN, MEANT = ZT @ P @ ONE, ONET @ P @ Z
COVARIANCE = ZT @ P @ Z - MEAN @ MEANT
DENOMINATOR = 1 - MEANT @ R @ MEAN

G_INVERTS = (COVARIANCE + ridge) @ G - 1
R_INVERTS = R @ (COVARIANCE + MEAN @ MEANT + ridge) - 1
D_INVERTS = D @ DENOMINATOR - 1


def model(shift: str = "1/2") -> dict[str, object]:
    """Three keys in the plane with weights that sum to one."""
    centred, ones = rational_array([[1, 2], [0, 1], [3, -1]]), rational_array([[1]] * 3)
    weights = rational_array(np.diag([1, 2, 1])) * rational("1/4")
    mean = centred.T @ weights @ ones
    second = centred.T @ weights @ centred + rational(shift) * identity_like(centred[:2])
    given = {
        **{"Z": centred, "Zt": centred.T, "P": weights, "one": ones, "onet": ones.T},
        **{"ridge": rational(shift), "G": inverse(second - mean @ mean.T), "R": inverse(second)},
    }
    return given | {"D": rational_array([[1 / (1 - mean.T @ given["R"] @ mean)[0, 0]]])}


# zᵀG = D zᵀR: multiply zᵀR(C + zzᵀ + λ)G = zᵀG out, E = 1 − zᵀRz, E zᵀG = zᵀR, D E = 1.
SHERMAN_MORRISON = [
    (-1, D_INVERTS, MEANT @ G),
    (-D @ MEANT, R_INVERTS, G),
    (D @ MEANT @ R, G_INVERTS, 1),
]


@check(
    COVARIANCE_FORM,
    establishes=proof(over="every n, d and d_v, all weights and ridges with C + λ regular"),
    claimed=dict(keys=ZT - MEAN @ ONET, ridge_in_covariance=1),
    controls={
        "keys not centred": dict(keys=ZT),
        "ridge twice": dict(ridge_in_covariance=2),
        "no ridge": dict(ridge_in_covariance=0),
    },
)
def weights_are_corrected_softmax_weights(keys, ridge_in_covariance) -> None:
    """``D(pᵀ − zᵀRZᵀP) = pᵀ − zᵀG(Zᵀ − z1ᵀ)P`` with ``pᵀ = 1ᵀP``: by Sherman–Morrison
    ``zᵀG = D zᵀR``, hence ``1 + zᵀGz = D``. The left-hand side is the definition at ω = 1; the
    ridge λω and weights ωp give the same ρ, denominator and weights."""
    given = model()
    second = COVARIANCE + ridge_in_covariance * ridge
    given["G"] = inverse(second.evaluate(given))
    row = ONET @ P - MEANT @ G @ keys @ P
    defined = D @ (ONET @ P - MEANT @ R @ ZT @ P)
    steps = [
        (-1, D_INVERTS, MEANT @ G),
        (-D @ MEANT, R_INVERTS, G),
        (D @ MEANT @ R, second @ G - 1, 1),
    ]
    # zᵀG z − (D − 1) = (zᵀG − D zᵀR) z − (D E − 1).
    using = [
        *((left, premise, right @ MEAN @ ONET @ P) for left, premise, right in steps),
        (-1, D_INVERTS, ONET @ P),
        *((-left, premise, right @ ZT @ P) for left, premise, right in steps),
    ]
    follows(row - defined, using=using, models=[given], message="the weights are others")


@check(
    COVARIANCE_FORM,
    establishes=prime_field(bound="n = 12, d = 5; all weights, keys, queries, ridges"),
    claimed=dict(centring=True, relative=True),
    controls={
        "keys not centred": dict(centring=False),
        "ridge not relative to the mass": dict(relative=False),
    },
)
def operator_in_centred_moments(centring, relative) -> None:
    """The operator, with moments about the query, against moments about the mean key. Multiplied
    by powers of ω, so that only polynomials are inverted: with ``m = Σ w_j k_j`` and
    ``c_j = ωk_j − m``, ``C = Σ w_j c_j c_jᵀ / ω³`` and ``z̄ = (m − ωq)/ω``."""

    def difference(keys, query, weights, ridge_is):
        mass = weights.sum()
        centred = mass * keys - weights @ keys
        covariance = centred.T @ (weights[:, None] * centred)
        shift = ridge_is * mass * mass * mass
        away = weights @ keys - mass * query
        inside = inverse(covariance + shift * identity_like(covariance)) @ away
        against = centred if centring else mass * keys
        given = weights / mass * (1 - mass * (against @ inside))
        absolute = ridge_is * mass if relative else ridge_is
        return local_linear_weights(keys, query, weights, absolute) - given

    vanishes(
        difference,
        [(12, 5), (5,), (12,), ()],
        seed=7,
        message="the weights are others",
    )


@check(
    DENOMINATOR_AND_WEIGHT_BOUNDS,
    part="denominator",
    establishes=proof(over="every n and d, all weights and ridges with C + λ regular"),
    claimed=dict(inverse_of=1 + MEANT @ G @ MEAN),
    controls={
        "minus": dict(inverse_of=1 - MEANT @ G @ MEAN),
        "the moments about the query": dict(inverse_of=1 + MEANT @ R @ MEAN),
    },
)
def reciprocal_of_the_denominator(inverse_of) -> None:
    """``(1 + zᵀGz)(1 − zᵀRz) = 1``: with the letter D for the inverse of the second factor,
    ``1 + zᵀGz − D = (zᵀG − D zᵀR) z − (D E − 1)``."""
    follows(
        inverse_of - D,
        using=[
            *((left, premise, right @ MEAN) for left, premise, right in SHERMAN_MORRISON),
            (-1, D_INVERTS, 1),
        ],
        models=[model()],
        message="the denominator is another",
    )
