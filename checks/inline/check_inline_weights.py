"""InLine weights: their sum, their sign and their cost."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np

from attnproof.theory.algebra.counting import Tally, counting_array
from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    exact,
    plot,
    prime_field,
    proof,
    refute_unless,
)
from attnproof.theory.engine.equational import follows
from attnproof.theory.engine.prime_field_identity import vanishes
from attnproof.theory.operator.inline_attention import inline_attention, inline_attention_weights
from attnproof.theory.operator.linear_attention import linear_attention_weights
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_weights
from attnproof.theory.paper.inline.weight_matrix import COST, INLINE_ROW_SUM

# F holds φ(q_i) in its rows, P the key features in its columns, o (v) the column of ones as long
# as the keys (queries), u the row of ones, V the values; n = 1/N.
F, P, o, v, u, V = letters("F P o v u V")
(n,) = scalars("n")
SCORES = F * P
WEIGHTS = SCORES - n * SCORES * o * u + n * v * u


def _model() -> dict[str, object]:
    return {
        "F": rational_array([[1, 2], [3, -1]]),
        "P": rational_array([[1, 0, 2], [0, 1, 1]]),
        "o": rational_array([[1], [1], [1]]),
        "v": rational_array([[1], [1]]),
        "u": rational_array([[1, 1, 1]]),
        "V": rational_array([[1, 2], [0, 1], [3, 5]]),
        "n": rational("1/3"),
    }


@check(
    INLINE_ROW_SUM,
    part="sum",
    establishes=proof(over="every N, D, φ, Q and K"),
    claimed=dict(weights=WEIGHTS),
    controls={
        "uniform part dropped": dict(weights=SCORES - n * SCORES * o * u),
        "mean not subtracted": dict(weights=SCORES + n * v * u),
        "uniform part not divided": dict(weights=SCORES - n * SCORES * o * u + v * u),
        "sum subtracted": dict(weights=SCORES - SCORES * o * u + n * v * u),
    },
)
def rows_sum_to_one(weights) -> None:
    """With n u 1 = 1 the mean cancels the scores, and the uniform part is left."""
    follows(
        weights * o - v,
        using=[(-SCORES * o, n * u * o - 1, 1), (v, n * u * o - 1, 1)],
        models=[_model()],
        message="the weights of a query do not sum to one",
    )


FEATURES = [rational_array(rows) for rows in ([[3]], [[1], [0]], [[1], [0]])]


@check(
    INLINE_ROW_SUM,
    part="negative",
    establishes=proof(over="the stated query and keys", by="exact rationals"),
    claimed=dict(weights=inline_attention_weights, stated=(2, -1)),
    controls={
        "divided instead of subtracted": dict(weights=linear_attention_weights),
        "softmax": dict(weights=lambda q, k: softmax_weights(q @ k.T, power_of_two)),
        "clipped at zero": dict(stated=(1, 0)),
        "keys exchanged": dict(stated=(-1, 2)),
    },
)
def a_weight_is_negative(weights, stated) -> None:
    """Scores 3 and 0 with mean 3/2: 3 − 3/2 + 1/2 = 2 and 0 − 3/2 + 1/2 = −1."""
    query, keys, _ = FEATURES
    found = weights(query, keys)
    refute_unless(
        bool((found == rational_array([stated])).all()) and min(found[0]) < 0,
        "the weights are others, or none is negative",
        features=query,
        key_features=keys,
        weights=found,
    )


@check(
    INLINE_ROW_SUM,
    part="outside the hull",
    establishes=proof(over="the stated query, keys and values", by="exact rationals"),
    claimed=dict(weights=inline_attention_weights, stated=2),
    controls={
        "divided instead of subtracted": dict(weights=linear_attention_weights),
        "softmax": dict(weights=lambda q, k: softmax_weights(q @ k.T, power_of_two)),
        "largest value": dict(stated=1),
    },
)
def the_output_exceeds_every_value(weights, stated) -> None:
    """Values 1 and 0, output 2."""
    query, keys, values = FEATURES
    output = (weights(query, keys) @ values)[0, 0]
    refute_unless(
        output == stated and output > max(values[:, 0]),
        "the output is another, or within the range of the values",
        features=query,
        key_features=keys,
        value=values,
        output=output,
    )


@check(
    COST,
    part="identity",
    establishes=proof(over="every N, D, d_v, Q, K and V"),
    claimed=dict(evaluated=F * (P * V) - n * F * (P * o) * (u * V) + n * v * (u * V)),
    controls={
        "middle term dropped": dict(evaluated=F * (P * V) + n * v * (u * V)),
        "middle term added": dict(
            evaluated=F * (P * V) + n * F * (P * o) * (u * V) + n * v * (u * V)
        ),
        "middle term not divided": dict(
            evaluated=F * (P * V) - F * (P * o) * (u * V) + n * v * (u * V)
        ),
        "uniform part dropped": dict(evaluated=F * (P * V) - n * F * (P * o) * (u * V)),
    },
)
def associativity_only(evaluated) -> None:
    """The matrix of the definition times V, with other brackets."""
    follows(WEIGHTS * V - evaluated, models=[_model()], message="the output is another")


def _without_the_sum_of_keys(query, key, value):
    return query @ (key.T @ value) + (query[:, :1] * 0 + 1) @ (value.sum(axis=0)[None] / len(value))


@check(
    COST,
    part="identity",
    establishes=prime_field(bound="N = 12, D = 5, d_v = 3, all entries"),
    claimed=dict(evaluated=inline_attention),
    controls={
        "middle term dropped": dict(evaluated=_without_the_sum_of_keys),
        "values exchanged": dict(evaluated=lambda q, k, v: inline_attention(q, k, v[::-1])),
        "queries and keys exchanged": dict(evaluated=lambda q, k, v: inline_attention(k, q, v)),
    },
)
def definition_and_evaluation_agree(evaluated) -> None:
    """The operator by its weights against the operator in linear time."""
    vanishes(
        lambda q, k, v: inline_attention_weights(q, k) @ v - evaluated(q, k, v),
        [(12, 5), (12, 5), (12, 3)],
        seed=7,
        message="the two evaluations differ",
    )


def _formula(N: int, D: int, e: int) -> dict[str, int]:
    return {"multiply": N * (2 * D * e + D + e), "divide": e}


def _by_weights(query, key, value):
    return inline_attention_weights(query, key) @ value


def _counts(operator, N: int, D: int, e: int) -> dict[str, int]:
    tally = Tally()
    entries = lambda rows, columns: np.arange(1, rows * columns + 1).reshape(rows, columns)
    operator(*(counting_array(entries(N, width), tally) for width in (D, D, e)))
    counts = Counter(tally.counts)
    return {kind: counts[kind] for kind in ("multiply", "divide")}


SIZES = list(product((1, 2, 3, 5, 8, 13, 21, 34), (1, 2, 4), (1, 3)))


@check(
    COST,
    part="multiplications",
    establishes=exact(bound="N ≤ 34, D ≤ 4, d_v ≤ 3", by="counting numbers run through it"),
    claimed=dict(operator=inline_attention, formula=_formula),
    controls={
        "by the matrix of weights": dict(operator=_by_weights),
        "without the sum of keys": dict(operator=_without_the_sum_of_keys),
        "state of one product": dict(
            formula=lambda N, D, e: _formula(N, D, e) | {"multiply": N * (D * e + D + e)}
        ),
        "no division": dict(formula=lambda N, D, e: _formula(N, D, e) | {"divide": 0}),
    },
)
def counted_multiplications(operator, formula) -> None:
    """A program without branches does the same on any numbers."""
    for N, D, e in SIZES:
        counted = _counts(operator, N, D, e)
        refute_unless(
            counted == formula(N, D, e),
            "the operations counted are not those stated",
            N=N,
            D=D,
            d_v=e,
            counted=counted,
            stated=formula(N, D, e),
        )


@plot(COST)
def multiplications_by_length() -> Plot:
    """Counted multiplications, both evaluations."""
    lengths = [4, 8, 16, 32, 64]
    curve = lambda operator: [float(_counts(operator, N, 4, 3)["multiply"]) for N in lengths]
    return Plot(
        title="Multiplications of InLine attention, D = 4, d_v = 3",
        x_label="number of tokens N",
        y_label="multiplications",
        x_scale="log",
        y_scale="log",
        series=[
            Series(label="matrix of weights", x=lengths, y=curve(_by_weights)),
            Series(label="linear evaluation", x=lengths, y=curve(inline_attention)),
        ],
        caption="The slopes are two and one.",
    )
