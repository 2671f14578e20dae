"""The resolvent as the generating function of walks: its denominator."""

from __future__ import annotations

from itertools import product

import numpy as np

from attnproof.theory.algebra.free_algebra import FreeElement, letters, scalars
from attnproof.theory.algebra.matrix import determinant, identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.algebra.rational_function import generic_matrix
from attnproof.theory.core import check, proof, symbolic
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.rational_identity import identical
from attnproof.theory.operator.fundamental_matrix import neumann_partial_sum
from attnproof.theory.paper.infsa.neumann import WALK_COUNTING
from attnproof.theory.paper.infsa.spectral_projection import adjugate


def matrix_power(matrix: np.ndarray, exponent: int) -> np.ndarray:
    """``A^exponent`` by repeated products of arrays."""
    result = identity_like(matrix)
    for _ in range(exponent):
        result = result @ matrix
    return result


A, ADJ, T, LAST = letters("A adj T P")
GAMMA, DET, ORDER = scalars("gamma det order")


def _series_model() -> dict[str, object]:
    matrix, gamma = rational_array([[1, 2], [3, "1/2"]]), rational("1/3")
    inner = identity_like(matrix) - gamma * matrix
    return {
        **{"A": matrix, "gamma": gamma, "adj": adjugate(inner), "det": determinant(inner)},
        **{"T": neumann_partial_sum(matrix, gamma, 2), "P": matrix_power(matrix, 3)},
        "order": gamma**3,
    }


@check(
    WALK_COUNTING,
    part="generating function",
    establishes=proof(over="every n, every order of the series"),
    claimed=dict(denominator=DET, error=ORDER * ADJ @ LAST),
    controls={
        "no denominator": dict(denominator=FreeElement.one()),
        "squared denominator": dict(denominator=DET * DET),
        "no error at any order": dict(error=0 * ADJ),
        "error of the other sign": dict(error=-1 * ORDER * ADJ @ LAST),
        "error without the adjugate": dict(error=ORDER * LAST),
    },
)
def series_at_every_order(denominator, error):
    """adj(I − γA) − det(I − γA) Σ_{t≤L} γ^t A^t = γ^{L+1} adj(I − γA) A^{L+1}: both sides are
    polynomials in γ, and agree up to order L, for every L.

    Premises: adj(M) M = det(M) I (Cramer, classical) and the finite identity
    (I − γA) T_L = I − γ^{L+1}A^{L+1} (claim neumann-resolvent).
    """
    follows(
        ADJ - denominator * T - error,
        using=[
            (1, ADJ @ (1 - GAMMA * A) - DET, T),
            (-1 * ADJ, (1 - GAMMA * A) @ T - 1 + ORDER * LAST, 1),
        ],
        models=[_series_model()],
        message="the resolvent times its denominator is another series",
    )


@check(
    WALK_COUNTING,
    part="generating function",
    establishes=symbolic(bound="n = 2 and 3, orders 0 to 3, all entries and γ"),
    claimed=dict(denominator=determinant, exponent=lambda hops: hops + 1),
    controls={
        "trace as the denominator": dict(denominator=lambda inner: inner.trace()),
        "no denominator": dict(denominator=lambda inner: 1),
        "one order fewer": dict(exponent=lambda hops: hops),
        "one order more": dict(exponent=lambda hops: hops + 2),
    },
)
def series_with_symbolic_entries(denominator, exponent):
    """Adjugate by minors, determinant and partial sums by their definitions."""
    for size, hops in product((2, 3), range(4)):
        matrix, (gamma,) = generic_matrix(size, "gamma")
        inner = identity_like(matrix) - gamma * matrix
        numerator = adjugate(inner)
        order = exponent(hops)
        identical(
            numerator - denominator(inner) * neumann_partial_sum(matrix, gamma, hops),
            gamma**order * (numerator @ matrix_power(matrix, order)),
            "the power series of the resolvent is another",
        )
