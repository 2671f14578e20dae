"""Below the mean, a weight becomes negative; above, it stays positive."""

from __future__ import annotations

from attnproof.theory.algebra.free_algebra import FreeElement, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, exact, proof, refute_unless
from attnproof.theory.engine.inequality import entails
from attnproof.theory.operator.linear_attention import linear_attention_weights
from attnproof.theory.operator.magnitude_aware_linear_attention import (
    magnitude_aware_linear_attention_weights,
)
from attnproof.theory.operator.softmax_attention import power_of_two, softmax_weights
from attnproof.theory.paper.mala import NEGATIVE_WEIGHTS

# gap = ±(S/N − s), share = s/S, excess = t − threshold; b = 1/(S/N − s) in the first part.
gap, share, excess, t, b = scalars("gap share excess t b")


@check(
    NEGATIVE_WEIGHTS,
    part="threshold",
    establishes=proof(
        over="every N, D, φ, Q and K with S > 0, every t above the threshold",
        by="non-negative combination",
    ),
    claimed=dict(length=share * b + excess, slope=-1),
    controls={
        "half of the threshold": dict(length=share * b / 2 + excess),
        "above the mean": dict(slope=1),
        "any length": dict(length=excess),
    },
)
def negative_beyond_the_threshold(length, slope) -> None:
    """With M(t) = share − gap t and t = share b + excess, where gap b = 1:

        −M = gap (share b + excess) − share = gap excess,

    so that −M = gap · excess, which is positive as both factors are.
    """
    weight = share + slope * gap * length
    # gap b = 1 is used as a rewriting: the terms in gap·b are replaced.
    conclusion = -1 * weight - _times_unit(-1 * weight)
    points = [
        dict(gap=rational(1), b=rational(1), share=rational(y), excess=rational(x))
        for x, y in (("1/100", 1), (1, 2), (2, "1/3"))
    ]
    entails(
        conclusion,
        given={"gap": gap, "excess": excess},
        certificate=[(1, ["gap", "excess"], [])],
        models=points,
        message="the weight is not negative",
    )


def _times_unit(element: FreeElement) -> FreeElement:
    """The multiple of (gap b − 1) that reduces ``element`` modulo gap b = 1."""
    reduced = FreeElement.constant(0)
    for (central, _), coefficient in element.terms.items():
        powers = dict(central)
        if powers.get("gap") and powers.get("b"):
            rest = FreeElement.constant(coefficient)
            for name, exponent in powers.items():
                (letter,) = scalars(name)
                rest = rest * letter ** (exponent - (name in ("gap", "b")))
            reduced = reduced + rest * (gap * b - 1)
    return reduced


@check(
    NEGATIVE_WEIGHTS,
    part="not below the mean",
    establishes=proof(
        over="every N, D, φ, Q and K with S > 0, every t > 0", by="non-negative combination"
    ),
    claimed=dict(weight=t * gap + share),
    controls={
        "below the mean": dict(weight=share - t * gap),
        "constant part subtracted": dict(weight=t * gap - share),
    },
)
def positive_above_the_mean(weight) -> None:
    """M(t) = t (s − S/N) + s/S, with gap = s − S/N ≥ 0, and s/S ≥ 1/N > 0: the weight is at least
    the share, which is positive."""
    entails(
        weight - share,
        given={"t": t, "gap": gap, "share": share},
        certificate=[(1, ["t", "gap"], [])],
        message="the weight is less than its share",
    )


STATED = {"weights": ["11/4", "-7/4"], "output": "11/4"}


@check(
    NEGATIVE_WEIGHTS,
    part="outside the hull",
    establishes=proof(over="the stated query, keys and values", by="exact rationals"),
    claimed=dict(operator=magnitude_aware_linear_attention_weights, stated=STATED, length=2),
    controls={
        "linear attention": dict(operator=linear_attention_weights),
        "softmax": dict(operator=lambda q, k: softmax_weights(q @ k.T, power_of_two)),
        "a short query": dict(length="1/10"),
        "weights exchanged": dict(stated=STATED | {"weights": ["-7/4", "11/4"]}),
    },
)
def the_output_exceeds_every_value(operator, stated, length) -> None:
    """Scores 6 and 2, S = 8: β = 9/8, γ = 4."""
    query, keys = rational_array([[length]]), rational_array([[3], [1]])
    values = rational_array([[1], [0]])
    weights = operator(query, keys)
    output = (weights @ values)[0, 0]
    refute_unless(
        bool((weights == rational_array([stated["weights"]])).all())
        and output == rational(stated["output"])
        and output > 1,
        "the weights are others, or the output is within the range of the values",
        query_features=query,
        key_features=keys,
        weights=weights,
        value=values,
        output=output,
    )


@check(
    NEGATIVE_WEIGHTS,
    part="threshold",
    establishes=exact(bound="scores (3, 1) at lengths k/16, k ≤ 64; and (1, 2, 6)"),
    claimed=dict(threshold=lambda s, total, N: (s / total) / (total / N - s)),
    controls={
        "twice the threshold": dict(threshold=lambda s, S, N: 2 * (s / S) / (S / N - s)),
        "share forgotten": dict(threshold=lambda s, S, N: 1 / (S / N - s)),
        "half of the threshold": dict(threshold=lambda s, S, N: (s / S) / (S / N - s) / 2),
    },
)
def sign_changes_at_the_threshold(threshold) -> None:
    """The sign of the operator's weight on a grid of lengths, on both sides of the threshold."""
    for row in ([3, 1], [1, 2, 6]):
        keys = rational_array([[entry] for entry in row])
        total = keys.sum()
        for j, (score,) in enumerate(keys):
            if score >= total / len(row):
                continue
            for k in range(1, 65):
                t = rational(k) / 16
                weight = magnitude_aware_linear_attention_weights(rational_array([[t]]), keys)[0, j]
                refute_unless(
                    (weight < 0) == (t > threshold(score, total, len(row))),
                    "the sign changes elsewhere",
                    key_features=keys,
                    t=t,
                    key=j + 1,
                    weight=weight,
                    threshold=threshold(score, total, len(row)),
                )
