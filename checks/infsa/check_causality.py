"""Does a causal mask make the attention map causal? Exact witnesses, and what repairs it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from attnproof.theory.algebra.ball import ball, ball_array
from attnproof.theory.algebra.dual import derivative_of, dual_array
from attnproof.theory.algebra.matrix import identity_like
from attnproof.theory.algebra.rational import rational, rational_array
from attnproof.theory.core import (
    Plot,
    Series,
    check,
    counterexample,
    note,
    plot,
    refute_unless,
)
from attnproof.theory.operator.infinite_self_attention import infinite_self_attention
from attnproof.theory.operator.linear_infinite_self_attention import (
    linear_infinite_self_attention,
)
from attnproof.theory.paper.infsa.attention_map import CAUSALITY
from attnproof.theory.paper.infsa.causal_attention_map import (
    causal_attention,
    causal_linear_attention,
    column_sums,
    frobenius_norms,
    masked,
    pooled_over_all,
    pooled_over_prefix,
    row_norms,
    row_sums,
    running_frobenius_norms,
)

GAMMA = rational("19/20")


def _with(operator: Callable, **choices: object) -> Callable:
    def chosen(query, key, value, gamma):
        return operator(query, key, value, gamma, **choices)

    return chosen


def _unmasked(matrix: np.ndarray) -> np.ndarray:
    return matrix


def _later_only(matrix: np.ndarray) -> np.ndarray:
    """A mask the wrong way round: entries with ``j ≥ i``."""
    return masked(matrix.T).T


def _mean_over_all(query: np.ndarray) -> np.ndarray:
    return np.array([query.sum(axis=0) / len(query)] * len(query), dtype=object)


def _own_query(query: np.ndarray) -> np.ndarray:
    return query


def _refute_dependence(operator, query, key, value, changed) -> None:
    """The last token's query becomes ``changed``: all rows before must stay, as must their
    derivatives in the last query, key and value."""
    given = dict(query=query, key=key, value=value, gamma=GAMMA)
    other = query.copy()
    other[-1] = changed
    before, after = operator(query, key, value, GAMMA), operator(other, key, value, GAMMA)
    refute_unless(
        bool((before[:-1] == after[:-1]).all()),
        "outputs of earlier tokens change with the last query",
        **given,
        last_query_changed_to=changed,
        outputs=before,
        outputs_after=after,
    )
    for name, place in (("query", 0), ("key", 1), ("value", 2)):
        for column in range((query, key, value)[place].shape[1]):
            inputs = [query, key, value]
            direction = inputs[place] * 0
            direction[-1, column] = rational(1)
            inputs[place] = dual_array(inputs[place], direction)
            slope = derivative_of(operator(*inputs, GAMMA))[:-1]
            refute_unless(
                not slope.any(),
                f"outputs of earlier tokens have a derivative in the last {name}",
                **given,
                column=column,
                derivative=slope,
            )


def _first_output(factor: int) -> float:
    """First entry of the first output for Q = K = (1,0), (0,1), (1,1) and V = I, the last query
    scaled; enclosed by a ball, of which the midpoint is taken."""
    tokens = ball_array([[1, 0], [0, 1], [1, 1]])
    scaled = tokens * ball_array([[1], [1], [factor]])
    output = causal_attention(scaled, tokens, identity_like(scaled @ tokens.T), ball("19/20"))
    return round(float(output[0, 0].mid()), 6)


# Masked, A₀ = (12, ·; 3, 4) has row norms 12 and 5 and Frobenius norm 13; with the last query 7
# instead of 1 it is (12, ·; 21, 28), of norm 37.
QUERY, KEY, VALUE = (rational_array(rows) for rows in ([[4], [1]], [[3], [4]], [[1], [0]]))
CHANGED = rational_array([7])


@check(
    CAUSALITY,
    part="mask before the norm",
    establishes=counterexample(over="N = 2, d = 1"),
    claimed=dict(operator=causal_attention),
    controls={
        "column sums": dict(operator=_with(causal_attention, normaliser=column_sums)),
        "row sums without the mask": dict(
            operator=_with(causal_attention, normaliser=row_sums, mask=_unmasked)
        ),
    },
    repairs={
        "row sums": dict(operator=_with(causal_attention, normaliser=row_sums)),
        "row norms": dict(operator=_with(causal_attention, normaliser=row_norms)),
        "running Frobenius norm": dict(
            operator=_with(causal_attention, normaliser=running_frobenius_norms)
        ),
    },
)
def norm_of_the_masked_map(operator) -> None:
    """The first row keeps its one entry; the second enters it through the norm alone:
    y₁ = 12γ/13, and 12γ/37 once the last query is 7."""
    note(
        first_output_of_three_tokens=_first_output(1),
        last_query_ten_times_as_large=_first_output(10),
    )
    _refute_dependence(operator, QUERY, KEY, VALUE, CHANGED)


# ‖A₀‖_F = |q||k|, with |q| = 13, and 15 once the last query is 9.
ROUND_QUERY, ROUND_CHANGED = rational_array([[12], [5]]), rational_array([9])


@check(
    CAUSALITY,
    part="released modules",
    establishes=counterexample(over="N = 2, d = 1, pure variant"),
    claimed=dict(operator=infinite_self_attention),
    controls={
        "row sums and the mask the wrong way round": dict(
            operator=_with(causal_attention, normaliser=row_sums, mask=_later_only)
        ),
        "row sums and no mask": dict(
            operator=_with(causal_attention, normaliser=row_sums, mask=_unmasked)
        ),
    },
    repairs={"masked row sums": dict(operator=_with(causal_attention, normaliser=row_sums))},
)
def pure_module_ignores_the_mask(operator) -> None:
    """The released module computes the bidirectional map whatever mask it is given."""
    _refute_dependence(operator, ROUND_QUERY, KEY, VALUE, ROUND_CHANGED)


# Norms are one, so that q̄ is the mean (2/3, 1/3); with the last query (0, 1) it is (1/3, 2/3).
THREE_QUERIES = rational_array([[1, 0], [0, 1], [1, 0]])
THREE_KEYS = rational_array([[2, 1], [1, 2], [1, 1]])
THREE_VALUES = rational_array([[1], [0], [0]])
TURNED = rational_array([0, 1])

_LINEAR = dict(
    controls={
        "prefix pooled and no mask": dict(
            operator=_with(causal_linear_attention, pooled=pooled_over_prefix, mask=_unmasked)
        ),
        "mean query instead of the weighted one": dict(
            operator=_with(causal_linear_attention, pooled=_mean_over_all)
        ),
    },
    repairs={
        "pooled over the prefix": dict(
            operator=_with(causal_linear_attention, pooled=pooled_over_prefix)
        ),
        "every row its own query": dict(operator=_with(causal_linear_attention, pooled=_own_query)),
    },
)


@check(
    CAUSALITY,
    part="pooled query",
    establishes=counterexample(over="N = 3, d = 2"),
    claimed=dict(operator=_with(causal_linear_attention, pooled=pooled_over_all)),
    **_LINEAR,
)
def query_pooled_over_the_future(operator) -> None:
    """Row 2 sees two keys, weighted by their products with the mean query, in which the last
    token has its share: y₂ = 5γ/9, and 4γ/9 once the last query has turned."""
    _refute_dependence(operator, THREE_QUERIES, THREE_KEYS, THREE_VALUES, TURNED)


@check(
    CAUSALITY,
    part="released modules",
    establishes=counterexample(over="N = 3, d = 2, linear variant"),
    claimed=dict(operator=linear_infinite_self_attention),
    **_LINEAR,
)
def linear_module_ignores_the_mask(operator) -> None:
    """Every row is the same pooled average over all keys."""
    _refute_dependence(operator, THREE_QUERIES, THREE_KEYS, THREE_VALUES, TURNED)


@plot(CAUSALITY)
def leak_into_the_first_token() -> Plot:
    """First output over the scale of the last query, three tokens."""
    scales = [10 ** (k / 10) for k in range(-10, 21)]
    rows = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    series = []
    for label, normaliser in (
        ("‖A‖_F of the masked map", frobenius_norms),
        ("running Frobenius norm", running_frobenius_norms),
        ("row norms", row_norms),
    ):
        outputs = []
        for scale in scales:
            query = rows * np.array([[1.0], [1.0], [scale]])
            output = causal_attention(query, rows, np.eye(3), 0.95, normaliser)
            outputs.append(float(output[0, 0]))
        series.append(Series(label=label, x=scales, y=outputs))
    return Plot(
        title="The first token sees how large the last query is",
        x_label="factor of the last query",
        y_label="first entry of the first output",
        x_scale="log",
        y_scale="log",
        series=series,
        caption="Queries and keys (1,0), (0,1), (1,1), masked, γ = 0.95. With the norm of the "
        "whole masked map the first output falls from 0.336 to 0.0387 at factor 10.",
    )
