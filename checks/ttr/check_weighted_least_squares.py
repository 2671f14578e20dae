"""Memorisation as weighted least squares: the optimum, and the form in feature space."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.matrix import inverse, rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof, refute_unless, sampled
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.fuzz import independent_draws
from attnproof.theory.engine.trace_identity import equal_traces
from attnproof.theory.paper.ttr.weighted_least_squares import (
    PRIMAL_DUAL,
    WLS_CERTIFICATE,
)

M, MT, D, DT, K, KT, V, VT, W, A, B, BT = letters("M Mt D Dt K Kt V Vt W A B Bt")
(ridge,) = scalars("ridge")
PAIRS = {"M": "Mt", "D": "Dt", "K": "Kt", "V": "Vt", "W": "W", "A": "A", "B": "Bt"}


def _twice_the_loss(m: FreeElement, mt: FreeElement) -> FreeElement:
    """``Σ γ_i ‖v_i − Mk_i‖² + λ‖M‖²`` as a trace: with tokens as rows and W = diag(γ) it is
    ``tr((Vᵀ − MKᵀ) W (V − KMᵀ)) + λ tr(MMᵀ)``."""
    return (VT - m @ KT) @ W @ (V - K @ mt) + ridge * m @ mt


@check(
    WLS_CERTIFICATE,
    establishes=proof(
        over="every n, d, d_v, all weights and ridges", by="trace identity and free algebra"
    ),
    claimed=dict(curvature=D @ KT @ W @ K @ DT + ridge * D @ DT, normal=KT @ W @ K + ridge),
    controls={
        "curvature without the keys": dict(curvature=D @ DT + ridge * D @ DT),
        "curvature without the ridge": dict(curvature=D @ KT @ W @ K @ DT),
        "normal equations without the ridge": dict(normal=KT @ W @ K),
        "normal equations without the weights": dict(normal=KT @ K + ridge),
    },
)
def gap_is_quadratic(curvature, normal) -> None:
    """For every M and D, ``2(f(M + D) − f(M)) = 2 tr(D(MA − B)ᵀ) + tr(DADᵀ)``, A being symmetric.
    At ``M = BA^{-1}`` the linear term vanishes: ``MA = B``. With A ≻ 0 the gap is positive for
    D ≠ 0, so the minimiser is global and unique."""
    gradient_transposed = (KT @ W @ K + ridge) @ MT - KT @ W @ V
    equal_traces(
        _twice_the_loss(M + D, MT + DT) - _twice_the_loss(M, MT),
        2 * D @ gradient_transposed + curvature,
        transposes=PAIRS,
        message="the gap is another",
    )
    keys, weights = rational_array([[1, 2], [0, 1], [3, 1]]), rational_array(np.diag([1, 2, 3]))
    values, shift = rational_array([[1], [0], [2]]), rational("1/2")
    model = {
        **{"K": keys, "Kt": keys.T, "W": weights, "V": values, "Vt": values.T, "ridge": shift},
        "A": inverse(keys.T @ weights @ keys + shift * rational_array(np.eye(2, dtype=int))),
    }
    # Here A is the letter of the inverse.
    follows(
        VT @ W @ K @ A @ normal - VT @ W @ K,
        using=[(VT @ W @ K, A @ (KT @ W @ K + ridge) - 1, 1)],
        models=[model],
        message="the stated solution does not satisfy MA = B",
    )


def _loss(matrix, keys, values, weights, shift):
    """The loss by its definition, token by token."""
    total = shift * (matrix * matrix).sum()
    for key, value, weight in zip(keys, values, weights):
        off = value - matrix @ key
        total = total + weight * (off @ off)
    return total / 2


@check(
    WLS_CERTIFICATE,
    establishes=sampled(over="60 rational instances, n = 5, d = 3, d_v = 2", by="exact rationals"),
    claimed=dict(
        gap=lambda step, matrix: (step @ matrix @ step.T).trace() / 2, ridge_is="1/3", pairs=5
    ),
    controls={
        "gap without the keys": dict(gap=lambda step, matrix: (step * step).sum() / 2),
        "gap doubled": dict(gap=lambda step, matrix: (step @ matrix @ step.T).trace()),
        "no ridge and fewer pairs than channels": dict(ridge_is="0", pairs=2, drops="regular"),
    },
)
def gap_of_the_definition(gap, ridge_is, pairs) -> None:
    """The loss summed token by token, at the layer's own solution and away from it. Where A is
    singular, a direction with gap zero shows that the minimiser is not unique."""
    for draw in independent_draws(60, seed=4):
        keys = rational_array(draw.random.integers(-3, 4, (pairs, 3)).tolist())
        values = rational_array(draw.random.integers(-3, 4, (pairs, 2)).tolist())
        weights = rational_array(draw.random.integers(1, 5, pairs).tolist())
        step = rational_array(draw.random.integers(-2, 3, (2, 3)).tolist())
        shift = rational(ridge_is)
        matrix = keys.T @ (weights[:, None] * keys) + shift * np.eye(3, dtype=int)
        refute_unless(
            rank(matrix) == 3, "the minimiser is not unique: A is singular", A=matrix, keys=keys
        )
        found = (weights[:, None] * values).T @ keys @ inverse(matrix)
        arguments = (keys, values, weights, shift)
        refute_unless(
            _loss(found + step, *arguments) - _loss(found, *arguments) == gap(step, matrix),
            "the gap is another",
            A=matrix,
            D=step,
            loss=_loss(found, *arguments),
        )


G, H, R, Y = letters("G H R Y")


@check(
    PRIMAL_DUAL,
    establishes=proof(over="every n and number of features, all regular weights and ridges"),
    claimed=dict(dual=ridge * H),
    controls={
        "ridge times the weights": dict(dual=ridge * G),
        "ridge alone": dict(dual=1 * ridge),
        "ridge doubled": dict(dual=2 * ridge * H),
    },
)
def push_through(dual) -> None:
    """With G the weights and H their inverse, R the inverse on the feature side and Y the one on
    the token side: ``(KKᵀ + λH)·GK = K·(KᵀGK + λ)`` (both are ``KKᵀGK + λK``), so multiplying by Y
    from the left and R from the right, ``GK R = Y K``. K holds the features as rows."""
    features, weights = rational_array([[1, 2], [0, 1], [3, 1]]), rational_array(np.diag([1, 2, 3]))
    shift = rational("1/2")
    model = {
        **{"K": features, "Kt": features.T, "G": weights, "H": inverse(weights), "ridge": shift},
        "R": inverse(
            features.T @ weights @ features + shift * rational_array(np.eye(2, dtype=int))
        ),
    }
    token_side = K @ KT + dual
    model["Y"] = inverse(token_side.evaluate(model))
    follows(
        G @ K @ R - Y @ K,
        using=[
            (-1, Y @ token_side - 1, G @ K @ R),
            (Y @ K, (KT @ G @ K + ridge) @ R - 1, 1),
            (ridge * Y, H @ G - 1, K @ R),
        ],
        models=[model],
        message="the two forms differ",
    )
