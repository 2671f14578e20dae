"""Magnitude-aware attention as a sum of InLine, linear and uniform attention; its rank."""

from __future__ import annotations

from itertools import product

import numpy as np

from attnproof.theory.algebra.counting import Tally, counting_array
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.matrix import rank
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, prime_field, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.inline_attention import inline_attention_weights
from attnproof.theory.operator.linear_attention import linear_attention_weights
from attnproof.theory.operator.magnitude_aware_linear_attention import (
    magnitude_aware_linear_attention,
    magnitude_aware_linear_attention_weights,
)
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_weights
from attnproof.theory.paper.mala import AS_INLINE

# F holds φ(q_i) in its rows, P the key features in its columns, o and u the column and the row of
# ones as long as the keys, w the column of ones as long as the queries; Z = diag(1/S_i), n = 1/N.
F, P, o, u, w, Z, V = letters("F P o u w Z V")
(n,) = scalars("n")
SCORES = F * P
WEIGHTS = (1 + Z) * SCORES - n * SCORES * o * u
INLINE, LINEAR, UNIFORM = SCORES - n * SCORES * o * u + n * w * u, Z * SCORES, n * w * u


def _model() -> dict[str, object]:
    return {
        "F": rational_array([[1, 2], [3, 1]]),
        "P": rational_array([[1, 0, 2], [0, 1, 1]]),
        "o": rational_array([[1], [1], [1]]),
        "u": rational_array([[1, 1, 1]]),
        "w": rational_array([[1], [1]]),
        "V": rational_array([[1, 2], [0, 1], [3, 5]]),
        "Z": rational_array([["1/7", 0], [0, "1/11"]]),
        "n": rational("1/3"),
    }


@check(
    AS_INLINE,
    part="identity",
    establishes=proof(over="every N, D, φ, Q and K with S ≠ 0"),
    claimed=dict(sum_of=INLINE + LINEAR - UNIFORM),
    controls={
        "uniform part kept": dict(sum_of=INLINE + LINEAR),
        "uniform part not divided": dict(sum_of=INLINE + LINEAR - w * u),
        "scores not normalised": dict(sum_of=INLINE + SCORES - UNIFORM),
        "half of each": dict(sum_of=(INLINE + LINEAR) / 2),
    },
)
def three_attentions(sum_of) -> None:
    """β s − γ = (s − γ + 1/N) + s/S − 1/N."""
    follows(WEIGHTS - sum_of, models=[_model()], message="the weights are another sum")


@check(
    AS_INLINE,
    part="identity",
    establishes=prime_field(bound="N = 8, D = 3, all entries"),
    claimed=dict(combined=lambda inline, linear, count: inline + linear - 1 / count),
    controls={
        "uniform part kept": dict(combined=lambda inline, linear, count: inline + linear),
        "InLine alone": dict(combined=lambda inline, linear, count: inline),
        "linear alone": dict(combined=lambda inline, linear, count: linear),
    },
)
def three_operators(combined) -> None:
    """The three operators at the same features."""

    def defect(query, key):
        count = (query[0, 0] * 0 + 1) * 8
        stated = combined(
            inline_attention_weights(query, key), linear_attention_weights(query, key), count
        )
        return magnitude_aware_linear_attention_weights(query, key) - stated

    vanishes(defect, [(4, 3), (8, 3)], seed=3, message="the weights are another sum")


@check(
    AS_INLINE,
    part="rank",
    establishes=proof(over="every N, D, φ, Q and K with S ≠ 0"),
    claimed=dict(left=(1 + Z) * F, column=SCORES * o, right=-n * u),
    controls={
        "linear attention": dict(left=Z * F),
        "no column for the mean": dict(right=0 * u),
        "mean added": dict(right=n * u),
        "column of ones": dict(column=w),
    },
)
def weights_factor(left, column, right) -> None:
    """((1 + Z) F, S) has D + 1 columns; the rank of a product is at most that (classical)."""
    follows(WEIGHTS - left * P - column * right, models=[_model()], message="no such factorisation")


@check(
    AS_INLINE,
    part="rank",
    establishes=exact(bound="N = 7, D = 2, queries (1, i) and keys (1, j²)", by="exact rank"),
    claimed=dict(weights=magnitude_aware_linear_attention_weights, width=2),
    controls={
        "one less": dict(width=1),
        "softmax": dict(weights=lambda q, k: softmax_weights(q @ k.T, power_of_two)),
        "two features counted as one": dict(width=0),
    },
)
def the_bound_holds_and_is_reached(weights, width) -> None:
    """Seven tokens, rank exactly D + 1."""
    query = rational_array([[1, i] for i in range(1, 8)])
    key = rational_array([[1 + j % 3, j * j] for j in range(1, 8)])
    found = rank(weights(query, key))
    refute_unless(
        found == width + 1,
        "the rank is another",
        query_features=query,
        key_features=key,
        rank=found,
        stated=width + 1,
    )


@check(
    AS_INLINE,
    part="linear evaluation",
    establishes=proof(over="every N, D, d_v, φ, Q, K and V with S ≠ 0"),
    claimed=dict(evaluated=(1 + Z) * F * (P * V) - n * F * (P * o) * (u * V)),
    controls={
        "mean added": dict(evaluated=(1 + Z) * F * (P * V) + n * F * (P * o) * (u * V)),
        "mean dropped": dict(evaluated=(1 + Z) * F * (P * V)),
        "mean not divided": dict(evaluated=(1 + Z) * F * (P * V) - F * (P * o) * (u * V)),
    },
)
def associativity_only(evaluated) -> None:
    """The matrix of the definition times V, with other brackets."""
    follows(WEIGHTS * V - evaluated, models=[_model()], message="the output is another")


def _by_weights(query, key, value):
    return magnitude_aware_linear_attention_weights(query, key) @ value


@check(
    AS_INLINE,
    part="multiplications",
    establishes=exact(bound="N ≤ 34, D ≤ 4, d_v ≤ 3", by="counting numbers run through it"),
    claimed=dict(
        operator=magnitude_aware_linear_attention,
        formula=lambda N, D, e: N * (2 * D * e + D + 2 * e),
    ),
    controls={
        "by the matrix of weights": dict(operator=_by_weights),
        "as many as InLine attention": dict(formula=lambda N, D, e: N * (2 * D * e + D + e)),
        "state of one product": dict(formula=lambda N, D, e: N * (D * e + D + 2 * e)),
    },
)
def counted_multiplications(operator, formula) -> None:
    """A program without branches does the same on any numbers; outputs agree with the weights."""
    for N, D, e in product((1, 2, 3, 5, 8, 21, 34), (1, 2, 4), (1, 3)):
        rows = [np.arange(1, N * width + 1).reshape(N, width) for width in (D, D, e)]
        tally = Tally()
        operator(*(counting_array(entries, tally) for entries in rows))
        counted = tally.counts["multiply"]
        refute_unless(
            counted == formula(N, D, e),
            "the operations counted are not those stated",
            N=N,
            D=D,
            d_v=e,
            counted=counted,
            stated=formula(N, D, e),
        )
        if N <= 5:
            exactly = [rational_array(entries.tolist()) for entries in rows]
            refute_unless(
                bool((operator(*exactly) == _by_weights(*exactly)).all()),
                "the output is not that of the weights",
                N=N,
                D=D,
                d_v=e,
            )
