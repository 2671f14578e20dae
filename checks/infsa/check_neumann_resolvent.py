"""Where the Neumann series converges, and the sign of the resolvent: proofs at every size."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import Plot, Series, check, plot, proof
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.fundamental_matrix import fundamental_matrix, neumann_partial_sum
from attnproof.theory.paper.infsa.neumann import NEUMANN_RESOLVENT

A, N, P, T, V, ONE = letters("A N P T v one")
GAMMA, LAMBDA, MU = scalars("gamma lambda mu")

EXAMPLE = rational_array([["1/2", "-1/4"], [1, "1/3"]])
DISCOUNT = rational("3/4")


def power_of(matrix, gamma, exponent: int):
    """``(γA)^exponent``, in any number system."""
    result = identity_like(matrix)
    for _ in range(exponent):
        result = gamma * (result @ matrix)
    return result


Q, B, L, C, ETA, X, Y, M = scalars("q b l c eta x y m")
SUM, IMAGE = scalars("sum image")


def _resolvent_models() -> list[dict[str, object]]:
    """A matrix with γρ < 1 and one with γρ = 9/4, whose resolvent exists nevertheless."""
    models = []
    for matrix, hops in ((EXAMPLE, 1), (rational_array([[1, 2], [2, 1]]), 2)):
        models.append(
            {
                "A": matrix,
                "gamma": DISCOUNT,
                "N": fundamental_matrix(matrix, DISCOUNT),
                "T": neumann_partial_sum(matrix, DISCOUNT, hops),
                "P": power_of(matrix, DISCOUNT, hops + 1),
                "one": rational_array([[1], [1]]),
            }
        )
    return models


def _eigenvector_models() -> list[dict[str, object]]:
    matrix, root = rational_array([[1, 2], [2, 1]]), rational(3)
    return [
        {
            "A": matrix,
            "gamma": DISCOUNT,
            "lambda": root,
            "v": rational_array([[1], [1]]),
            "P": power_of(matrix, DISCOUNT, t),
            "mu": (DISCOUNT * root) ** t,
        }
        for t in range(3)
    ]


@check(
    NEUMANN_RESOLVENT,
    part="convergence",
    establishes=proof(
        over="every n, every complex matrix (Schur's triangular form is classical)",
        by="non-negative combination and free algebra",
    ),
    claimed=dict(
        norm=lambda x, y, eta: eta * x + y,
        damping=lambda c: 2 * (c + 1),
        remainder=lambda power: power @ N,
        growth=GAMMA * LAMBDA,
    ),
    controls={
        "corner not damped": dict(norm=lambda x, y, eta: x + y),
        "damping that ignores the corner": dict(damping=lambda c: 2 + 0 * c),
        "remainder without the resolvent": dict(remainder=lambda power: power),
        "remainder of the other sign": dict(remainder=lambda power: -1 * (power @ N)),
        "growth without the discount": dict(growth=LAMBDA),
        "growth by the discount alone": dict(growth=GAMMA),
    },
)
def series_converges_exactly_below_radius_one(norm, damping, remainder, growth):
    """Three steps, each at every size.

    1. If every eigenvalue of G = γA has modulus below 1, some norm gives ‖Gz‖ ≤ q‖z‖ with q < 1.
       Schur: G is similar to a triangular matrix. Induction over its size; at size 1 the modulus
       is such a norm. Let a block that satisfies ‖Bx‖ ≤ b‖x‖ be bordered by a column of norm c
       and an eigenvalue of modulus l, and let max(b, l) ≤ m < 1. In the norm η‖x‖ + |y| the
       bordered matrix contracts by q as soon as q ≥ b and q ≥ l + ηc; q = (1 + m)/2 and
       η = (1 − m)/(2(c + 1)) achieve it.
    2. Then z = Gz forces z = 0, so N = (I − G)^{-1} exists. N − T_L = G^{L+1}N, by induction over
       L, so the distance to the partial sums is at most q^{L+1}‖N‖ and tends to 0.
    3. If Av = λv, the term of index t takes v to (γλ)^t v, by induction over t. For |γλ| ≥ 1 that
       does not tend to 0, but the terms of a convergent series do.
    """
    entails(
        Q * norm(X, Y, ETA) - norm(B * X + C * Y, L * Y, ETA),
        given={
            "block": Q - B,
            "corner": Q - L - ETA * C,
            **{"eta": ETA, "x": X, "y": Y, "b": B, "c": C, "l": L},
        },
        certificate=[(1, ["block", "eta", "x"], []), (1, ["corner", "y"], [])],
        message="the bordered matrix does not contract in this norm",
    )
    # q − l − ηc ≥ 0, multiplied by twice the denominator of η.
    entails(
        damping(C) * (1 + M - 2 * L) - 2 * (1 - M) * C,
        given={"radius": 1 - M, "corner": M - L, "c": C, "l": L},
        certificate=[(2, ["radius"], []), (4, ["corner"], []), (4, ["c", "corner"], [])],
        message="this damping leaves no contraction",
    )
    solves = (1 - GAMMA * A) @ N - 1
    follows(
        N - neumann_partial_sum(A, GAMMA, 0) - remainder(GAMMA * A),
        using=[(1, solves, 1)],
        models=_resolvent_models(),
        message="remainder of no hop",
    )
    follows(
        N - (T + P) - remainder(GAMMA * P @ A),
        using=[(1, N - T - P @ N, 1), (P, solves, 1)],
        models=_resolvent_models(),
        message="remainder of one hop more",
    )
    follows(
        GAMMA * P @ A @ V - growth * MU * V,
        using=[(GAMMA * P, A @ V - LAMBDA * V, 1), (GAMMA * LAMBDA, P @ V - MU * V, 1)],
        models=_eigenvector_models(),
        message="growth along an eigenvector",
    )


@check(
    NEUMANN_RESOLVENT,
    part="sign",
    establishes=proof(
        over="every n, every A ≥ 0, γ ≥ 0", by="non-negative combination and free algebra"
    ),
    claimed=dict(
        source=1,
        rate=lambda largest: largest - 1,
        weighted=lambda entry, x: entry * x,
    ),
    controls={
        "no source": dict(source=0),
        "twice the source": dict(source=2),
        "no contraction needed": dict(rate=lambda largest: largest - 2),
        "unweighted maximum": dict(weighted=lambda entry, x: entry),
    },
)
def inverse_is_non_negative_exactly_below_radius_one(source, rate, weighted):
    """If γρ(A) < 1, the resolvent is the sum of the series, whose terms are non-negative.

    Conversely let N = (I − γA)^{-1} ≥ 0. Then x = N1 solves x = 1 + γAx, so x ≥ 1, and
    (γAx)_i = x_i − 1 ≤ q x_i with q = 1 − 1/max x < 1. If |y_j| ≤ m x_j for all j, then
    |(γAy)_i| ≤ Σ_j γa_ij |y_j| ≤ m (γAx)_i ≤ qm x_i, by induction over the columns. For an
    eigenvector y of γA with eigenvalue μ and m = max |y_i|/x_i, the index that attains m gives
    |μ| ≤ q < 1. The vector x > 0 with (I − γA)x > 0 is the certificate of an M-matrix.
    """
    follows(
        N @ ONE - source * ONE - GAMMA * A @ N @ ONE,
        using=[(1, (1 - GAMMA * A) @ N - 1, ONE)],
        models=_resolvent_models(),
        message="x = N1 solves another equation",
    )
    entails(
        rate(M) * X - M * (X - source),
        given={"largest": M - X, "at least one": X - 1},
        certificate=[(1, ["largest"], [])],
        message="one step does not contract x",
    )
    entails(
        M * (SUM + weighted(B, X)) - (IMAGE + B * Y),
        given={
            "so far": M * SUM - IMAGE,
            "entry": B,
            "ratio": M * X - Y,
            **{"m": M, "x": X, "y": Y, "sum": SUM, "image": IMAGE},
        },
        certificate=[(1, ["so far"], []), (1, ["entry", "ratio"], [])],
        message="one column more",
    )
    entails(
        Q * M * X - IMAGE,
        given={"m": M, "row": Q * X - SUM, "all columns": M * SUM - IMAGE},
        certificate=[(1, ["m", "row"], []), (1, ["all columns"], [])],
        message="the row",
    )


@plot(NEUMANN_RESOLVENT)
def distance_to_the_resolvent() -> Plot:
    """How far the partial sums are from the inverse, in floats."""
    generator = np.random.default_rng(20260300175)
    affinities = np.maximum(generator.standard_normal((24, 24)), 0)
    affinities /= np.abs(np.linalg.eigvals(affinities)).max()
    hops = list(range(0, 81, 2))
    series = []
    for reach in (0.5, 0.9, 0.99, 1.01):
        resolvent = fundamental_matrix(affinities, reach)
        errors = [
            float(np.linalg.norm(neumann_partial_sum(affinities, reach, count) - resolvent, 2))
            for count in hops
        ]
        series.append(Series(label=f"γρ = {reach}", x=[float(count) for count in hops], y=errors))
    return Plot(
        title="Distance of the partial sums to the inverse (n = 24)",
        x_label="hops L",
        y_label="spectral norm of the difference",
        y_scale="log",
        series=series,
        caption="Just above γρ = 1 the inverse still exists, and the series runs away from it. "
        "The curve for 0.5 ends in rounding.",
    )
