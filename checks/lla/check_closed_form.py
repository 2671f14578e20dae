"""Local linear attention solves its normal equations, and its weights sum to one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import inverse
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, prime_field, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.local_linear_attention import local_linear_weights
from attnproof.theory.paper.lla.closed_form import CLOSED_FORM, PARTITION_OF_UNITY

# Tokens are rows: Z holds k_j − q, W = diag(w), R the inverse of Σ, E = ω − μᵀρ, D its inverse.
Z, ZT, W, R, D, ONE, ONET, V = letters("Z Zt W R D one onet V")
(ridge,) = scalars("ridge")
SECOND = ZT @ W @ Z + ridge
DENOMINATOR = ONET @ W @ ONE - ONET @ W @ Z @ R @ ZT @ W @ ONE
NUMERATOR = ONET @ W - ONET @ W @ Z @ R @ ZT @ W


def _model(shift: str = "1/2") -> dict[str, object]:
    centred, weights = rational_array([[1, 2], [0, 1], [3, -1]]), rational_array([1, 2, 4])
    ones, ridge_is = rational_array([[1]] * 3), rational(shift)
    diagonal = rational_array(np.diag([1, 2, 4]))
    second = inverse(centred.T @ diagonal @ centred + ridge_is * np.eye(2, dtype=int))
    first = centred.T @ weights
    return {
        **{"Z": centred, "Zt": centred.T, "W": diagonal, "one": ones, "onet": ones.T, "R": second},
        **{"V": rational_array([[1], [-2], [5]]), "ridge": ridge_is},
        "D": rational_array([[1 / (weights.sum() - first @ second @ first)]]),
    }


@check(
    CLOSED_FORM,
    part="normal equations",
    establishes=proof(over="every n, d, d_v, all weights and ridges with regular moments"),
    claimed=dict(row=D @ NUMERATOR, penalty=lambda intercept: 0),
    controls={
        "not divided": dict(row=NUMERATOR),
        "slope ignored": dict(row=D @ ONET @ W),
        "a ridge on the intercept as well": dict(penalty=lambda intercept: ridge * intercept),
    },
)
def gradient_is_zero(row, penalty) -> None:
    """With b = sV and ``B = R ZᵀW(V − 1b)``: the intercept's equation is
    ``1ᵀWV − 1ᵀW1b − 1ᵀWZB = (numerator) V − E b``, and E b = (numerator) V as E D = 1; the slope's
    is ``ZᵀW(V − 1b) − (ZᵀWZ + λ)B``, zero as Σ R = 1."""
    intercept = row @ V
    slope = R @ ZT @ W @ (V - ONE @ intercept)
    error = V - ONE @ intercept - Z @ slope
    follows(
        ONET @ W @ error - penalty(intercept),
        using=[(-1, DENOMINATOR @ D - 1, NUMERATOR @ V)],
        models=[_model()],
        message="the equation of the intercept fails",
    )
    follows(
        ZT @ W @ error - ridge * slope,
        using=[(-1, SECOND @ R - 1, ZT @ W @ (V - ONE @ intercept))],
        models=[_model()],
        message="the equation of the slope fails",
    )


U, UT, B, BT, H, HT, G, GT = letters("E Et B Bt H Ht h ht")


@check(
    CLOSED_FORM,
    part="minimum",
    establishes=proof(over="every n, d, d_v, all symmetric weights and ridges"),
    claimed=dict(gain=ridge * HT @ H, orthogonal=True),
    controls={
        "the ridge forgotten": dict(gain=0 * ridge * HT @ H),
        "the ridge twice": dict(gain=2 * ridge * HT @ H),
        "away from the solution": dict(orthogonal=False),
    },
)
def gap_is_a_sum_of_squares(gain, orthogonal) -> None:
    """The objective as a matrix (its trace is the sum over output channels): after a step (h, H) it
    is larger by ``(1h + ZH)ᵀW(1h + ZH) + λHᵀH``, because the terms linear in the step are
    ``hᵀ·1ᵀWe`` and ``Hᵀ(ZᵀWe − λB)`` and their transposes. With w > 0 and λ ≥ 0 the gap is not
    negative, so the solution is a minimum, also in the Loewner order."""
    moved = U - ONE @ G - Z @ H
    movedt = UT - GT @ ONET - HT @ ZT
    step, stept = ONE @ G + Z @ H, GT @ ONET + HT @ ZT
    gap = movedt @ W @ moved + ridge * (BT + HT) @ (B + H)
    before = UT @ W @ U + ridge * BT @ B
    using = [
        (-GT, ONET @ W @ U, 1),
        (-1, UT @ W @ ONE, G),
        (-HT, ZT @ W @ U - ridge * B, 1),
        (-1, UT @ W @ Z - ridge * BT, H),
    ]
    model = _step_model(orthogonal)
    follows(
        gap - before - stept @ W @ step - gain,
        using=using if orthogonal else [],
        models=[model],
        message="the gap is another",
    )


def _step_model(orthogonal: bool) -> dict[str, object]:
    given = _model()
    centred, weights, ones = given["Z"], given["W"], given["one"]
    row = local_linear_weights(
        centred, rational_array([0, 0]), rational_array([1, 2, 4]), given["ridge"]
    )
    intercept = rational_array([[row @ given["V"][:, 0]]])
    slope = given["R"] @ centred.T @ weights @ (given["V"] - ones @ intercept)
    if not orthogonal:
        intercept = intercept + 1
    error = given["V"] - ones @ intercept - centred @ slope
    step, lift = rational_array([[1], [-1]]), rational_array([[2]])
    return given | {
        **{"E": error, "Et": error.T, "B": slope, "Bt": slope.T},
        **{"H": step, "Ht": step.T, "h": lift, "ht": lift.T},
    }


def _fitted_at_query(keys, query, weights, values, ridge_is, anchor):
    """The intercept of the ridge fit at ``anchor``, by solving for intercept and slope together."""
    design = np.concatenate([0 * keys[:, :1] + 1, keys - anchor], axis=1)
    normal = design.T @ (weights[:, None] * design)
    for channel in range(1, len(normal)):
        normal[channel, channel] = normal[channel, channel] + ridge_is
    return (inverse(normal) @ design.T @ (weights[:, None] * values))[0]


@check(
    CLOSED_FORM,
    part="normal equations",
    establishes=prime_field(bound="n = 12, d = 5, d_v = 2; all weights, keys, queries, ridges"),
    claimed=dict(centre=lambda query: query),
    controls={
        "keys not centred at the query": dict(centre=lambda query: 0 * query),
        "centred at twice the query": dict(centre=lambda query: query + query),
    },
)
def operator_solves_the_joint_system(centre) -> None:
    """The operator against one linear system of width d + 1, without its elimination."""

    def difference(keys, query, weights, values, ridge_is):
        row = local_linear_weights(keys, query, weights, ridge_is)
        fitted = _fitted_at_query(keys, query, weights, values, ridge_is, centre(query))
        return row @ values - fitted

    vanishes(
        difference,
        [(12, 5), (5,), (12,), (12, 2), ()],
        seed=3,
        message="the operator is not the intercept of the fit at the query",
    )


@check(
    PARTITION_OF_UNITY,
    establishes=proof(over="every n and d, all weights and ridges with regular moments"),
    claimed=dict(row=D @ NUMERATOR, shift=0),
    controls={
        "a small number added to the denominator": dict(shift=Fraction(1, 1000)),
        "softmax weights, minus the correction, not divided": dict(row=NUMERATOR),
    },
)
def weights_sum_to_one(row, shift) -> None:
    """The numerators sum to ``1ᵀW1 − 1ᵀWZRZᵀW1``, which is the denominator."""
    model = _model()
    denominator = DENOMINATOR + shift
    model["D"] = rational_array([[1 / denominator.evaluate({**model, "D": 0 * model["D"]})[0, 0]]])
    follows(
        row @ ONE - 1,
        using=[(1, D @ denominator - 1, 1)],
        models=[model],
        message="the weights do not sum to one",
    )


@check(
    PARTITION_OF_UNITY,
    establishes=prime_field(bound="n = 20, d = 6; all weights, keys, queries, ridges"),
    claimed=dict(row=local_linear_weights),
    controls={
        "without the denominator": dict(
            row=lambda keys, query, weights, ridge_is: (
                local_linear_weights(keys, query, weights, ridge_is) * weights.sum()
            )
        ),
        "a ridge on the intercept as well": dict(
            row=lambda keys, query, weights, ridge_is: (
                local_linear_weights(keys, query, weights, ridge_is)
                * weights.sum()
                / (weights.sum() + ridge_is)
            )
        ),
    },
)
def weights_of_the_operator_sum_to_one(row) -> None:
    """The operator itself, at a size of its own."""
    vanishes(
        lambda keys, query, weights, ridge_is: np.array(
            [row(keys, query, weights, ridge_is).sum() - 1], dtype=object
        ),
        [(20, 6), (6,), (20,), ()],
        seed=5,
        message="the weights do not sum to one",
    )
