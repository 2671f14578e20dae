"""A mixture of softmaxes over spans against softmax over their union."""

from __future__ import annotations

import numpy as np

from attnproof.theory.algebra.free_algebra import letters, scalars
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import check, counterexample, exact, proof, refute_unless
from attnproof.theory.engine.equational import follows
from attnproof.theory.operator.softmax_attention import power_of_two
from attnproof.theory.operator.superlinear_attention import superlinear_attention
from attnproof.theory.paper.superlinear.coverage import MIXTURE, NOT_A_RESTRICTION

KEYS = rational_array([[0, 1], [1, 0], [2, 0], [0, 2], [1, 1], [3, 0], [0, 0], [1, 2], [2, 1]])
VALUES = rational_array([[1], [5], [2], [-3], [0], [4], [7], [-1], [6]])


def _layer(spans, gates, query):
    """``Σ g_i o_i`` for given spans, written out."""
    total = rational(0)
    for gate, seen in zip(gates, spans):
        weights = power_of_two(KEYS[seen] @ query)
        total = total + gate * (weights @ VALUES[seen, 0]) / weights.sum()
    return total / sum(gates, start=rational(0))


def _by_anchor(spans, query):
    """The released gates: powers of the first key's score of each span."""
    return [power_of_two(KEYS[[seen[0]]] @ query)[0] for seen in spans]


def _by_mass(spans, query):
    return [power_of_two(KEYS[seen] @ query).sum() for seen in spans]


def _union(spans, query):
    seen = sorted({key for span in spans for key in span})
    weights = power_of_two(KEYS[seen] @ query)
    return weights @ VALUES[seen, 0] / weights.sum()


@check(
    NOT_A_RESTRICTION,
    establishes=counterexample(over="two disjoint spans of three keys, base 2"),
    claimed=dict(gates=_by_anchor, spans=([0, 1, 2], [5, 6, 7])),
    controls={
        "other spans": dict(spans=([0, 1], [3, 4, 5])),
        "equal gates": dict(gates=lambda spans, query: [rational(1)] * len(spans)),
    },
    repairs={
        "gates by the mass of the span": dict(gates=_by_mass),
        "a single span": dict(spans=([0, 1, 2],)),
    },
)
def mixture_is_the_union(gates, spans) -> None:
    """Both in exact rationals, for the query (1, 1)."""
    query = rational_array([1, 1])
    spans = [list(seen) for seen in spans]
    found, stated = _layer(spans, gates(spans, query), query), _union(spans, query)
    refute_unless(
        found == stated,
        "the mixture is not softmax over the union",
        spans=[list(seen) for seen in spans],
        mixture=found,
        union=stated,
    )


a, b = letters("a b")
first, second, one_over_first, one_over_second = scalars("Z1 Z2 i1 i2")


@check(
    MIXTURE,
    establishes=proof(over="every number of spans (two at a time), every width"),
    claimed=dict(gates=(first, second)),
    controls={"equal gates": dict(gates=(1, 1)), "exchanged": dict(gates=(second, first))},
)
def mass_weights(gates) -> None:
    """With numerators a and b: ``Z_1·(a/Z_1) + Z_2·(b/Z_2) = a + b``, the numerator over the union,
    and the gates add up to its denominator. More spans are added one at a time."""
    model = {
        **{"a": rational_array([[3]]), "b": rational_array([[5]])},
        **{"Z1": rational(2), "Z2": rational(4), "i1": rational("1/2"), "i2": rational("1/4")},
    }
    follows(
        gates[0] * one_over_first * a + gates[1] * one_over_second * b - a - b,
        using=[
            (1, first * one_over_first - 1, a),
            (1, second * one_over_second - 1, b),
        ],
        models=[model],
        message="the numerator is another",
    )
    follows(gates[0] + gates[1] - first - second, message="the denominator is another")


@check(
    MIXTURE,
    establishes=exact(bound="the stated nine keys: one anchor, one span"),
    claimed=dict(best=1),
    controls={"three anchors": dict(best=3)},
)
def layer_with_one_anchor(best) -> None:
    """The operator's definition: with one anchor there is one span, and the gate cancels."""
    query, search = rational_array([1, 0]), rational_array([0, 1])
    output = superlinear_attention(
        search, query, KEYS, VALUES, best=best, backward=rational(1), forward=rational(0),
        power=power_of_two,
    )[0]  # fmt: skip
    # Anchors 8, 5, 0 have the search scores 1, 0, 1; the first best one is 8, its span 5 to 8.
    seen = np.arange(5, 9)
    weights = power_of_two(KEYS[seen] @ query)
    stated = weights @ VALUES[seen, 0] / weights.sum()
    refute_unless(output == stated, "another output", output=output, stated=stated)
