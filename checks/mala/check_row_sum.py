"""Magnitude-aware weights: their sum, and what the length of the query does to them."""

from __future__ import annotations

from itertools import product

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
from attnproof.theory.operator.inline_attention import inline_attention_weights
from attnproof.theory.operator.linear_attention import linear_attention_weights
from attnproof.theory.operator.magnitude_aware_linear_attention import (
    magnitude_aware_linear_attention_weights,
)
from attnproof.theory.paper.mala import MAGNITUDE, ROW_SUM

# s is the row of scores of one query, o and u the column and the row of ones, n = 1/N, and v is
# the inverse of S (or of S + ε), so that β = 1 + v and γ = n s 1.
s, o, u = letters("s o u")
n, v, eps, t, reciprocal = scalars("n v eps t reciprocal")
COUNT, INVERSE = n * u * o - 1, v * s * o - 1
THREE_QUARTERS = (1 + 0 * v) * 3 / 4
WEIGHTS = (1 + v) * s - n * s * o * u


def _model(epsilon="0", length=3) -> dict[str, object]:
    scores = rational_array([[1, 2, 4]])
    total, epsilon = rational(7), rational(epsilon)
    return {
        "s": scores,
        "o": rational_array([[1], [1], [1]]),
        "u": rational_array([[1, 1, 1]]),
        "n": rational("1/3"),
        "v": 1 / (total + epsilon),
        "eps": epsilon,
        "t": rational(length),
        "reciprocal": 1 / rational(length),
    }


@check(
    ROW_SUM,
    part="sum",
    establishes=proof(over="every N, D, φ, Q and K with S ≠ 0"),
    claimed=dict(weights=WEIGHTS),
    controls={
        "beta one": dict(weights=s - n * s * o * u),
        "gamma of N + 1 keys": dict(weights=(1 + v) * s - n * s * o * u * THREE_QUARTERS),
        "gamma dropped": dict(weights=(1 + v) * s),
        "gamma added": dict(weights=(1 + v) * s + n * s * o * u),
        "beta without the one": dict(weights=v * s - n * s * o * u),
    },
)
def rows_sum_to_one(weights) -> None:
    """β S − N γ = S + 1 − S, with v S = 1 and n N = 1."""
    follows(
        weights * o - 1,
        using=[(1, INVERSE, 1), (-s * o, COUNT, 1)],
        models=[_model()],
        message="the weights of a query do not sum to one",
    )


@check(
    ROW_SUM,
    part="regularised",
    establishes=proof(over="every N, D, φ, Q and K with S + ε ≠ 0"),
    claimed=dict(numerator=s * o, denominator=s * o + eps),
    controls={
        "row sum one": dict(numerator=s * o + eps),
        "opposite sign": dict(numerator=-s * o),
        "epsilon subtracted": dict(denominator=s * o - eps),
        "epsilon twice": dict(denominator=s * o + 2 * eps),
    },
)
def rows_of_the_regularised_weights(numerator, denominator) -> None:
    """With v (S + ε) = 1, (S + ε) Σ_j M_j = (S + ε) v S = S; the sum is one only for ε = 0."""
    follows(
        denominator * WEIGHTS * o - numerator,
        using=[(1, v * (s * o + eps) - 1, s * o), (-(s * o + eps) * s * o, COUNT, 1)],
        models=[_model("1/10")],
        message="the row sum is another",
    )


@check(
    ROW_SUM,
    part="zero scores",
    establishes=proof(over="every N and D, every finite β"),
    claimed=dict(weights=WEIGHTS),
    controls={
        "uniform part added": dict(weights=WEIGHTS + n * u),
        "InLine attention": dict(weights=s - n * s * o * u + n * u),
    },
)
def weights_of_zero_scores(weights) -> None:
    """Non-negative scores with sum zero are all zero, and β s − γ = 0 for every β = 1 + v."""
    follows(
        weights,
        using=[(1 + v, s, 1), (-n, s, o * u)],
        models=[_model("1/10") | {"s": rational_array([[0, 0, 0]])}],
        message="the weights are not zero",
    )


@check(
    ROW_SUM,
    part="zero scores",
    establishes=exact(bound="one query with features zero, three keys, ε = 10⁻⁶"),
    claimed=dict(query=[[0, 0]], stated=0),
    controls={
        "one over the number of keys": dict(stated="1/3"),
        "a positive score": dict(query=[[1, 0]]),
    },
)
def zero_scores_in_the_operator(query, stated) -> None:
    """With ε the operator gives zero; without, it divides by zero, and says so."""
    query, keys = rational_array(query), rational_array([[0, 1], [1, 1], [2, 0]])
    weights = magnitude_aware_linear_attention_weights(query, keys, rational("1/1000000"))
    refute_unless(
        bool((weights == rational(stated)).all()),
        "the weights are others",
        query_features=query,
        key_features=keys,
        weights=weights,
    )
    try:
        magnitude_aware_linear_attention_weights(query, keys)
        defined = True
    except ZeroDivisionError:
        defined = False
    refute_unless(not defined, "the weights without ε are defined", query_features=query)


KEYS = [[1, 0], [0, 1], [2, 3]]
# The three keys sum to (3, 4).
QUERIES = [row for row in product(range(-2, 4), repeat=2) if 3 * row[0] + 4 * row[1] != 0]


def _with_epsilon(query, keys):
    return magnitude_aware_linear_attention_weights(query, keys, rational("1/2"))


@check(
    ROW_SUM,
    part="sum",
    establishes=exact(bound="query features in {−2, …, 3}² with S ≠ 0, three keys"),
    claimed=dict(weights=magnitude_aware_linear_attention_weights, queries=QUERIES),
    controls={
        "epsilon of one half": dict(weights=_with_epsilon),
        "scores that sum to zero, with epsilon": dict(
            weights=_with_epsilon, queries=[[0, 0]], drops="scores"
        ),
        "beta one": dict(weights=lambda q, k: q @ k.T - ((q @ k.T).sum(axis=1) / len(k))[:, None]),
        "difference to InLine weights": dict(
            weights=lambda q, k: (
                magnitude_aware_linear_attention_weights(q, k) - inline_attention_weights(q, k)
            )
        ),
    },
)
def rows_of_the_operator(weights, queries) -> None:
    """The operator itself, on every query of a grid."""
    keys = rational_array(KEYS)
    for row in queries:
        query = rational_array([row])
        found = weights(query, keys)
        refute_unless(
            found.sum() == 1,
            "the weights do not sum to one",
            query_features=query,
            key_features=keys,
            weights=found,
            total=found.sum(),
        )


@check(
    MAGNITUDE,
    establishes=proof(over="every N, D, φ, Q and K with S ≠ 0, every t ≠ 0"),
    claimed=dict(
        of_multiple=(1 + v * reciprocal) * (t * s) - n * t * s * o * u,
        affine=t * (s - n * s * o * u) + v * s,
    ),
    controls={
        "slope without the mean": dict(affine=t * s + v * s),
        "constant part multiplied": dict(affine=t * (s - n * s * o * u) + t * v * s),
        "no slope": dict(affine=v * s),
        "InLine attention": dict(affine=t * (s - n * s * o * u) + n * u),
        "beta of the shorter query": dict(of_multiple=(1 + v) * (t * s) - n * t * s * o * u),
    },
)
def weights_are_affine_in_the_length(of_multiple, affine) -> None:
    """t s has the sum t S, whose inverse is v/t: β(t) t s − t γ = t (s − γ) + s/S."""
    follows(
        of_multiple - affine,
        using=[(v * s, t * reciprocal - 1, 1)],
        models=[_model()],
        message="the weights are no such function of the length",
    )


def _affine(query, keys, t):
    scores = query @ keys.T
    total = scores.sum(axis=1)[:, None]
    return t * (scores - total / keys.shape[0]) + scores / total


@check(
    MAGNITUDE,
    establishes=prime_field(bound="N = 6, D = 3, all entries and t"),
    claimed=dict(weights=magnitude_aware_linear_attention_weights, affine=_affine),
    controls={
        "linear attention": dict(weights=linear_attention_weights),
        "InLine attention": dict(weights=inline_attention_weights),
        "length squared": dict(affine=lambda q, k, t: _affine(q, k, t * t)),
        "no length": dict(affine=lambda q, k, t: _affine(q, k, 1)),
    },
)
def operator_is_affine_in_the_length(weights, affine) -> None:
    """The operator at t φ(q) against the affine function."""
    vanishes(
        lambda q, k, t: weights(t * q, k) - affine(q, k, t),
        [(2, 3), (6, 3), ()],
        seed=5,
        message="the weights are no such function of the length",
    )


@plot(MAGNITUDE)
def weights_by_length() -> Plot:
    """Three keys, the query's features growing."""
    import numpy as np

    from attnproof.theory.algebra.elementwise import exponential
    from attnproof.theory.operator.softmax_attention import softmax_weights

    lengths = np.linspace(0.05, 3, 60)
    keys = np.array([[1.0], [0.6], [0.2]])
    features = lengths[:, None]
    ours = magnitude_aware_linear_attention_weights(features, keys)
    softmax = softmax_weights(features @ keys.T, exponential)
    linear = linear_attention_weights(features, keys)
    x = lengths.tolist()
    series = [
        Series(label=f"magnitude-aware, key {j + 1}", x=x, y=ours[:, j].tolist()) for j in range(3)
    ]
    series += [
        Series(label="softmax, key 3", x=x, y=softmax[:, 2].tolist(), style="guide"),
        Series(label="linear, key 3", x=x, y=linear[:, 2].tolist(), style="guide"),
    ]
    return Plot(
        title="Weights of three keys while the query grows",
        x_label="length t of the query's feature",
        y_label="weight",
        series=series,
        caption="The weights move on straight lines; the key below the mean becomes negative, "
        "where softmax tends to zero and linear attention stays.",
    )
