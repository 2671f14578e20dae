"""Rank: bounded for linear and InLine weights, full for softmax."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import determinant, rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.inline_attention import inline_attention_weights
from attnproof.theory.operator.linear_attention import linear_attention_weights
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_weights
from attnproof.theory.paper.inline.weight_matrix import RANK

# F holds φ(q_i) in its rows, P the key features in its columns, o (v) the column of ones as long
# as the keys (queries), u the row of ones; n = 1/N, Z the diagonal of normalisers.
F, P, o, v, u, Z = letters("F P o v u Z")
(n,) = scalars("n")
SCORES = F * P


def _model() -> dict[str, object]:
    return {
        "F": rational_array([[1, 2], [3, -1]]),
        "P": rational_array([[1, 0, 2], [0, 1, 1]]),
        "o": rational_array([[1], [1], [1]]),
        "v": rational_array([[1], [1]]),
        "u": rational_array([[1, 1, 1]]),
        "Z": rational_array([["1/2", 0], [0, "1/3"]]),
        "n": rational("1/3"),
    }


@check(
    RANK,
    part="linear",
    establishes=proof(over="every N, D, φ, Q and K"),
    claimed=dict(left=Z * F, right=P),
    controls={
        "not normalised": dict(left=F),
        "normalised twice": dict(left=Z * Z * F),
        "keys centred": dict(right=P - n * P * o * u),
    },
)
def linear_weights_factor(left, right) -> None:
    """Z F P with D columns in Z F: the rank is at most D (classical)."""
    follows(Z * SCORES - left * right, models=[_model()], message="no such factorisation")


@check(
    RANK,
    part="InLine",
    establishes=proof(over="every N, D, φ, Q and K"),
    claimed=dict(centred=P - n * P * o * u, uniform=n * u),
    controls={
        "no column for the uniform part": dict(uniform=0 * u),
        "keys not centred": dict(centred=P),
        "uniform part not divided": dict(uniform=u),
    },
)
def inline_weights_factor(centred, uniform) -> None:
    """(F, 1) has D + 1 columns: F (P − n P 1 u) + 1 (n u) is the matrix of the definition."""
    follows(
        SCORES - n * SCORES * o * u + n * v * u - F * centred - v * uniform,
        models=[_model()],
        message="no such factorisation",
    )


def _ladder(N: int) -> np.ndarray:
    return rational_array([[i] for i in range(1, N + 1)])


@check(
    RANK,
    part="softmax",
    establishes=exact(bound="N ≤ 10, the stated queries and keys", by="exact determinant and rank"),
    claimed=dict(
        weights=lambda q, k: softmax_weights(q @ k.T, power_of_two),
        bound=lambda N: N,
        product_of=lambda i, j: rational(2) ** j - rational(2) ** i,
    ),
    controls={
        "rank of the width": dict(bound=lambda N: 1),
        "rank of the width and one": dict(bound=lambda N: min(N, 2)),
        "linear attention": dict(weights=linear_attention_weights),
        "InLine attention": dict(weights=inline_attention_weights),
        "sums of the nodes": dict(product_of=lambda i, j: rational(2) ** j + rational(2) ** i),
    },
)
def softmax_weights_have_full_rank(weights, bound, product_of) -> None:
    """det(2^{ij}) is Vandermonde's with the nodes 2^i, times the product of the nodes."""
    for N in range(1, 11):
        ladder = _ladder(N)
        found = rank(weights(ladder, ladder))
        refute_unless(found == bound(N), "the rank is another", N=N, rank=found, stated=bound(N))
        stated = rational(1)
        for i in range(1, N + 1):
            stated = stated * rational(2) ** i
            for j in range(i + 1, N + 1):
                stated = stated * product_of(i, j)
        value = determinant(power_of_two(ladder @ ladder.T))
        refute_unless(
            value == stated and value != 0,
            "the determinant is another",
            N=N,
            determinant=value,
            stated=stated,
        )
