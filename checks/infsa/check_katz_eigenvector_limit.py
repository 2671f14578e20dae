"""Near 1/ρ the resolvent is rank one: decomposition, rate and scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import identity_like, inverse, ones_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, proof
from attnproof.theory.engine.equational import Step, follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix
from attnproof.theory.paper.infsa.centrality import KATZ_EIGENVECTOR_LIMIT
from attnproof.theory.paper.infsa.katz_centrality import katz_centrality

# v is a column, u a row; N = (I − γA)^{-1}, M = (I − γC)^{-1}, K = (I − C/ρ)^{-1}.
A, V, U, N, M, K = letters("A v u N M K")
GAMMA, RHO, SIGMA = scalars("gamma rho inverse_rho")
T = 1 - GAMMA * RHO
C = A - RHO * V * U
PROJECTION = V * U

EIGENPAIRS = {
    "right": A * V - RHO * V,
    "left": U * A - RHO * U,
    "normalised": U * V - 1,
}
RIGHT_INVERSE = (1 - GAMMA * A) * N - 1
RECIPROCAL = RHO * SIGMA - 1

EVERY_RING = "every n, every matrix over every commutative ring with a normalised eigenpair"

# A, ρ, right and left eigenvector with uv = 1, γ below 1/ρ.
EXAMPLES = [
    ([[0, 1], [1, 0]], 1, [1, 1], ["1/2", "1/2"], "9/10"),
    ([[1, 2], [3, 0]], 3, [1, 1], ["3/5", "2/5"], "3/10"),
    ([[4, 1], [4, 4]], 6, [1, 2], ["1/2", "1/4"], "4/25"),
]


def norm(matrix: np.ndarray):
    """``‖M‖_∞``, of a vector its largest entry."""
    return max(np.sum(abs(row)) for row in matrix)


def _models(names: str) -> Iterator[dict[str, object]]:
    """Those of the values below that the witness should show, and always A and ρ."""
    for model in _all_values():
        yield {name: model[name] for name in ["A", "rho", *names.split()]}


def _all_values() -> Iterator[dict[str, object]]:
    """Exact eigenpairs with every inverse, and the numbers of the inequality in the ∞-norm."""
    for rows, root, right, left, discount in EXAMPLES:
        matrix, rho, gamma = rational_array(rows), rational(root), rational(discount)
        v, u = rational_array(right)[:, None], rational_array(left)[None, :]
        projection, one = v @ u, identity_like(matrix)
        rest = matrix - rho * projection
        reduced = inverse(one - rest / rho)
        t = 1 - gamma * rho
        ones = ones_like(matrix)
        scores = t * katz_centrality(matrix, gamma) - (u @ ones)[0] * v[:, 0]
        yield {
            "A": matrix,
            "v": v,
            "u": u,
            "N": fundamental_matrix(matrix, gamma),
            "M": fundamental_matrix(rest, gamma),
            "K": reduced,
            "gamma": gamma,
            "rho": rho,
            "inverse_rho": 1 / rho,
            "t": t,
            "distance": norm(t * fundamental_matrix(matrix, gamma) - projection),
            "reduced": norm(reduced @ (one - projection)),
            "spread": norm(reduced - one),
            "ones_norm": rational(1),
            "error": norm(scores[:, None]),
        }


def _deflated(left: object) -> list[Step]:
    """``left`` times a certificate of ``(I − γC)(tN − vu) = t(I − vu)``.

    From (I − γA)N = I: t vuN = vu up to the left eigenvector equation; then
    (I − γC) = (I − γA) + γρvu, and (I − γA)vu = t vu by the right one.
    """
    return [
        (left * T, RIGHT_INVERSE, 1),
        (left * GAMMA * RHO * V * U, RIGHT_INVERSE, 1),
        (left * GAMMA**2 * RHO * V, EIGENPAIRS["left"], N),
        (left * GAMMA, EIGENPAIRS["right"], U),
        (-GAMMA * RHO * left * V, EIGENPAIRS["normalised"], U),
    ]


@check(
    KATZ_EIGENVECTOR_LIMIT,
    part="decomposition",
    establishes=proof(over=EVERY_RING),
    claimed=dict(limit=PROJECTION, share=T, complement=1 - PROJECTION),
    controls={
        "rest without the factor": dict(share=1),
        "identity instead of the complement": dict(complement=1),
        "twice the limit": dict(limit=2 * PROJECTION),
        "factor of the other sign": dict(share=-T),
    },
)
def decomposition_at_every_size(limit, share, complement):
    """tN = vu + tM(I − vu) from the eigenpair and the inverses N and M, in the free algebra."""
    follows(
        T * N - limit - share * M * complement,
        using=[*_deflated(M), (-1, M * (1 - GAMMA * C) - 1, T * N - PROJECTION)],
        models=_models("v u gamma N M"),
        message="the resolvent decomposes differently",
    )


DISTANCE, REDUCED, SPREAD, FACTOR, ONES, ERROR = scalars(
    "distance reduced spread t ones_norm error"
)


def _rate_identity(factor) -> None:
    """D = tK(I − vu) − t(K − I)D for D = tN − vu."""
    difference = T * N - PROJECTION
    follows(
        difference - factor * K * (1 - PROJECTION) + factor * (K - 1) * difference,
        using=[
            *_deflated(K),
            (-(1 - T), K * (1 - SIGMA * C) - 1, difference),
            (-GAMMA, RECIPROCAL, K * C * difference),
        ],
        models=_models("v u gamma inverse_rho N K"),
        message="the defect solves another equation",
    )


def _below_the_bound(cleared: Callable) -> None:
    entails(
        cleared(FACTOR, REDUCED, SPREAD, DISTANCE),
        given={
            "triangle": FACTOR * REDUCED + FACTOR * SPREAD * DISTANCE - DISTANCE,
            "t": FACTOR,
            "contraction": 1 - FACTOR * SPREAD,
        },
        certificate=[(1, ["triangle"], [])],
        models=_models("gamma t reduced spread distance"),
        message="the distance exceeds the bound",
    )


@check(
    KATZ_EIGENVECTOR_LIMIT,
    part="rate",
    establishes=proof(over="every n, every real matrix, every submultiplicative norm"),
    claimed=dict(
        factor=T, cleared=lambda t, reduced, spread, d: t * reduced - d * (1 - t * spread)
    ),
    controls={
        "no factor": dict(factor=1),
        "error of second order": dict(
            cleared=lambda t, reduced, spread, d: t**2 * reduced - d * (1 - t * spread)
        ),
        "half the bound": dict(
            cleared=lambda t, reduced, spread, d: t * reduced / 2 - d * (1 - t * spread)
        ),
        "denominator of the other sign": dict(
            cleared=lambda t, reduced, spread, d: t * reduced - d * (1 + t * spread)
        ),
    },
)
def rate_at_every_size(factor, cleared):
    """‖D‖ ≤ t‖K(I − vu)‖ + t‖K − I‖‖D‖ by the triangle inequality and submultiplicativity.

    The identity behind it is proved in the free algebra from the eigenpair, (I − γA)N = I,
    K(I − C/ρ) = I and ρ·ρ^{-1} = 1. As t → 0 the right-hand side vanishes: the limit of
    (1 − γρ)(I − γA)^{-1} is vu, at the rate t.
    """
    _rate_identity(factor)
    _below_the_bound(cleared)


@check(
    KATZ_EIGENVECTOR_LIMIT,
    part="scores",
    establishes=proof(over="every n, every real matrix, every compatible norm"),
    claimed=dict(
        time_zero=1,
        cleared=lambda t, reduced, spread, ones, error: (
            t * (1 - t * spread + reduced) * ones - error * (1 - t * spread)
        ),
    ),
    controls={
        "time zero not subtracted": dict(time_zero=0),
        "tenth of the bound": dict(
            cleared=lambda t, reduced, spread, ones, error: (
                t * (1 - t * spread + reduced) * ones / 10 - error * (1 - t * spread)
            )
        ),
        "error of second order": dict(
            cleared=lambda t, reduced, spread, ones, error: (
                t**2 * (1 - t * spread + reduced) * ones - error * (1 - t * spread)
            )
        ),
    },
)
def scores_at_every_size(time_zero, cleared):
    """t(N − I)1 − (u1)v = D1 − t1 and its mirror image, hence ‖error‖ ≤ (‖D‖ + t)‖1‖."""
    (ones,) = letters("ones")
    difference = T * N - PROJECTION
    columns = [
        {**model, "ones": ones_like(model["A"])[:, None]} for model in _models("v u gamma N")
    ]
    rows = [{**model, "ones": ones_like(model["A"])[None, :]} for model in _models("v u gamma N")]
    follows(
        T * (N - time_zero) * ones - V * U * ones - (difference * ones - T * ones),
        models=columns,
        message="the row scores have another limit",
    )
    follows(
        T * ones * (N - time_zero) - ones * V * U - (ones * difference - T * ones),
        models=rows,
        message="the column scores have another limit",
    )
    entails(
        cleared(FACTOR, REDUCED, SPREAD, ONES, ERROR),
        given={
            "triangle": FACTOR * REDUCED + FACTOR * SPREAD * DISTANCE - DISTANCE,
            "contraction": 1 - FACTOR * SPREAD,
            "length": ONES,
            "error": (DISTANCE + FACTOR) * ONES - ERROR,
        },
        certificate=[(1, ["contraction", "error"], []), (1, ["length", "triangle"], [])],
        models=_models("gamma t reduced spread distance ones_norm error"),
        message="the scores are farther from their limit",
    )
